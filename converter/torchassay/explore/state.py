"""Remembers everything mutable that a model can reach, tells what a run changed, and puts it back.

Buffers alone are not a model's state: counters, lists, caches, dictionaries, class attributes, closures,
module globals and `lru_cache` all survive a call in eager mode, and none of them is in a traced graph.
"""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from torchassay.explore.cells import AttributesCell, Cell, ClassCell, DictCell, GlobalsCell, Silent, container_cell
from torchassay.explore.opaque import ArrayCell, IteratorCell, LruCell, opaque_cell
from torchassay.loading.contents import raw
from torchassay.loading.reach import (
    is_lru_cache,
    is_own_file,
    is_plain_object,
    is_users,
    names_of,
    namespaces_of,
    objects,
    slots_of,
)

_LARGE = 1 << 22  # elements: more are not read through after each run


@dataclass(frozen=True, slots=True)
class StateChange:
    """Something that a call left different: `path` reads like the attribute that holds it."""

    path: str
    kind: str  # "tensor" or "python"


class StateGuard:
    """A snapshot of all state reachable from some roots.

    `restore` brings every reachable container and tensor back in place, so that object identities survive.
    """

    def __init__(self, *roots: object) -> None:
        self._roots = roots
        self._cells: list[Cell] = [cell for part in objects(roots) for cell in _cells(*part)]
        self._iterators = [cell for cell in self._cells if isinstance(cell, IteratorCell)]

    def changes(self) -> list[StateChange]:
        """What differs now, in the order of discovery."""
        return [StateChange(cell.path, cell.kind) for cell in self._cells if cell.changed()]

    @property
    def stuck(self) -> bool:
        """Whether an iterator has moved on, which `restore` cannot put back."""
        return any(cell.changed() for cell in self._iterators)

    def fingerprint(self) -> tuple[object, ...]:
        """The plain values and the sizes of all Python state: equal for states that look alike."""
        return tuple(part for cell in self._cells if cell.kind == "python" for part in cell.summary())

    def rest(self) -> bytes | None:
        """Equal for equal states: all plain values and tensors that are reachable now; None where that cannot be told."""
        if any(isinstance(cell, Silent) for cell in self._cells if cell.changed()):
            return None
        digest = hashlib.sha256()
        for path, value in objects(self._roots):
            for cell in _cells(path, value):
                digest.update(repr((path, _known(value, cell), *cell.summary())).encode())
        return digest.digest()

    def restore(self) -> None:
        for cell in self._cells:
            cell.restore()


def _known(value: object, cell: Cell) -> object:
    """What is in a value of which its cell tells nothing: the contents where they can be read, else which object it is."""
    if isinstance(value, torch.Tensor):
        return _contents(value)
    if isinstance(cell, ArrayCell):
        return hashlib.sha256(cell.contents()).hexdigest()
    return id(value) if isinstance(cell, Silent) else None


def _contents(tensor: torch.Tensor) -> object:
    """A parameter is watched as it is, and so is a large tensor; of others the values count: one may be made anew."""
    held = None if isinstance(tensor, torch.nn.Parameter) else raw(tensor, _LARGE)
    return id(tensor) if held is None else (tuple(tensor.shape), str(tensor.dtype), hashlib.sha256(held).hexdigest())


def _cells(path: str, value: object) -> Iterator[Cell]:
    """A dictionary or a tensor of a class of the user's has attributes as well."""
    cell = container_cell(path, value) or opaque_cell(path, value)
    if cell is not None:
        yield cell
    if isinstance(value, types.FunctionType) and is_own_file(value.__code__.co_filename):
        names = names_of(value.__code__)
        yield from (GlobalsCell(path, space, names) for _, space in namespaces_of(value))
    elif is_lru_cache(value):
        yield LruCell(path, value)
    elif isinstance(value, type) and is_users(value):
        yield ClassCell(value)
    elif is_plain_object(value):
        yield AttributesCell(path, value) if slots_of(type(value)) else DictCell(path, vars(value))
