"""Remembers everything mutable that a model can reach, tells what a run changed, and puts it back.

Buffers alone are not a model's state: counters, lists, caches, dictionaries, class attributes, closures,
module globals and `lru_cache` all survive a call in eager mode, and none of them is in a traced graph.
"""

from __future__ import annotations

import collections
import functools
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from torchassay.base.child import file_of_class, is_user_file
from torchassay.explore.cells import ATOMS, Cell, ClassCell, DictCell, GlobalsCell, IteratorCell, LruCell, builtin_cell


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
        self._cells: list[Cell] = list(_Walk().cells(roots))
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

    def restore(self) -> None:
        for cell in self._cells:
            cell.restore()


class _Walk:
    """A depth-first walk over reachable objects; each is visited once."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._alive: list[object] = []  # ids stay valid only while their objects live

    def cells(self, roots: Iterable[object]) -> Iterator[Cell]:
        for path, value in self.objects(roots):
            cell = _cell(path, value)
            if cell is not None:
                yield cell

    def objects(self, roots: Iterable[object]) -> Iterator[tuple[str, object]]:
        stack: list[tuple[str, object]] = [("", root) for root in roots]
        while stack:
            path, value = stack.pop()
            if isinstance(value, ATOMS) or id(value) in self._seen:
                continue
            self._seen.add(id(value))
            self._alive.append(value)
            yield path, value
            stack.extend(reversed(list(_parts(path, value))))


def reachable_tensors(root: object) -> list[torch.Tensor]:
    """Every tensor that an object holds, however deep: parameters, buffers, and those in lists, closures, globals."""
    return [value for _, value in _Walk().objects([root]) if isinstance(value, torch.Tensor)]


def _cell(path: str, value: object) -> Cell | None:
    cell = builtin_cell(path, value)
    if cell is not None:
        return cell
    if isinstance(value, types.FunctionType):
        return GlobalsCell(path, value) if _is_own_file(value.__code__.co_filename) else None
    if _is_lru_cache(value):
        return LruCell(path, value)
    if isinstance(value, type):
        return ClassCell(value) if _is_users(value) else None
    if _is_plain_object(value):
        return DictCell(path, vars(value))
    return None


Part = tuple[str, object]


def _parts(path: str, value: object) -> Iterator[Part]:
    """What can be reached from a value in one step."""
    for kinds, parts in _PARTS:
        if isinstance(value, kinds):
            return parts(path, value)
    if _is_lru_cache(value):
        return iter([(path, getattr(value, "__wrapped__", None))])
    if isinstance(value, torch.nn.Module) or _is_plain_object(value):
        return _of_object(path, value)
    return iter(())


def _of_mapping(path: str, value: Any) -> Iterator[Part]:
    return ((_join(path, key), item) for key, item in list(value.items()))


def _of_sequence(path: str, value: Any) -> Iterator[Part]:
    return ((f"{path}[{index}]", item) for index, item in enumerate(list(value)))


def _of_partial(path: str, value: Any) -> Iterator[Part]:
    return ((path, part) for part in (value.func, value.args, value.keywords))


def _of_method(path: str, value: Any) -> Iterator[Part]:
    return ((path, part) for part in (value.__func__, value.__self__))


def _of_class(_: str, value: Any) -> Iterator[Part]:
    if _is_users(value):
        yield from ((f"{value.__name__}.{name}", item) for name, item in list(vars(value).items()))


def _of_closure(path: str, value: Any) -> Iterator[Part]:
    if value != types.CellType():  # an unbound cell has no contents to ask for
        yield path, value.cell_contents


def _of_property(path: str, value: Any) -> Iterator[Part]:
    yield path, value.fget


def _of_wrapper(path: str, value: Any) -> Iterator[Part]:
    yield path, value.__func__


def _of_object(path: str, value: Any) -> Iterator[Part]:
    yield from ((_join(path, name), item) for name, item in list(vars(value).items()))
    yield from ((base.__name__, base) for base in type(value).__mro__ if _is_users(base))


def _join(path: str, key: object) -> str:
    if key in ("_parameters", "_buffers", "_modules"):
        return path
    return f"{path}.{key}" if path else str(key)


def _function_parts(path: str, function: types.FunctionType) -> Iterator[tuple[str, object]]:
    names = function.__code__.co_freevars
    yield from ((name, cell) for name, cell in zip(names, function.__closure__ or (), strict=True))
    yield path, function.__defaults__
    yield path, vars(function)
    yield path, getattr(function, "__wrapped__", None)
    module = sys.modules.get(function.__module__ or "")
    if module is not None and vars(module) is function.__globals__ and _is_own_file(function.__code__.co_filename):
        names = function.__code__.co_names
        yield from ((name, function.__globals__[name]) for name in names if name in function.__globals__)


def _is_own_file(name: str) -> bool:
    return is_user_file(name) and "site-packages" not in name


def _is_users(kind: type) -> bool:
    return _is_own_file(file_of_class(kind))


def _is_plain_object(value: object) -> bool:
    if isinstance(value, types.ModuleType | torch.jit.ScriptModule | type) or not hasattr(value, "__dict__"):
        return False
    if isinstance(value, torch.nn.Module):
        return True
    root = type(value).__module__.partition(".")[0]
    return root not in sys.stdlib_module_names and root not in ("torch", "torchassay", "numpy")


def _is_lru_cache(value: object) -> bool:
    return isinstance(value, functools._lru_cache_wrapper)


_PARTS: tuple[tuple[Any, Callable[[str, Any], Iterator[Part]]], ...] = (
    (dict, _of_mapping),
    ((list, tuple, set, frozenset, collections.deque), _of_sequence),
    (functools.partial, _of_partial),
    (types.FunctionType, _function_parts),
    (types.MethodType, _of_method),
    (type, _of_class),
    (types.CellType, _of_closure),
    (property, _of_property),
    ((staticmethod, classmethod), _of_wrapper),
)
