"""Cells of what has no attributes to look at: tensors, arrays, random generators, iterators and caches."""

from __future__ import annotations

import array
import contextlib
import copy
import itertools
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch

from torchassay.explore.cells import Cell, Silent, plain_part
from torchassay.loading.generators import fingerprint, generator_state, is_generator, set_generator_state

_ALWAYS_COPIED = 1 << 18  # elements: below this, copying back is cheaper than asking whether it is needed
_ITERABLES: tuple[Any, ...] = ((), [], {}, set(), range(0), "", {}.values(), {}.items())
_ITERATORS: tuple[type, ...] = (
    types.GeneratorType, map, filter, zip, enumerate, reversed,
    *(kind for kind in vars(itertools).values() if isinstance(kind, type)),
    *(type(iter(value)) for value in _ITERABLES),
)  # fmt: skip


def opaque_cell(path: str, value: object) -> Cell | None:
    """The cell of a tensor, array, generator or iterator; None for anything else."""
    if isinstance(value, torch.Tensor):
        return TensorCell(path, value)
    if is_generator(value):
        return GeneratorCell(path, value)
    if _is_array(value):
        return ArrayCell(path, value)
    return IteratorCell(path, value) if isinstance(value, Iterator) and isinstance(value, _ITERATORS) else None


def _is_array(value: object) -> bool:
    """NumPy need not be there."""
    numpy = sys.modules.get("numpy")
    return isinstance(value, (bytearray, array.array, *((numpy.ndarray,) if numpy is not None else ())))


class TensorCell(Silent):
    """A tensor's values, shape, place in memory and gradient flag.

    Writes through `.data` leave the version counter alone, so small tensors are compared by value.
    """

    kind = "tensor"

    def __init__(self, path: str, value: torch.Tensor) -> None:
        self.path = path
        self._value = value
        self._data = value.data
        self._saved = value.detach().clone()
        self._small = value.layout == torch.strided and value.numel() <= _ALWAYS_COPIED
        self._grad = value.requires_grad
        self._version = self._count()

    def _count(self) -> int:
        return -1 if self._value.is_inference() else int(self._value._version)

    def _moved(self) -> bool:
        if self._value.shape != self._saved.shape or self._value.dtype != self._saved.dtype:
            return True
        return self._value.layout == torch.strided and self._value.data_ptr() != self._data.data_ptr()

    def changed(self) -> bool:
        if self._moved() or self._value.requires_grad != self._grad:
            return True
        if self._small:
            return not _identical(self._value.detach(), self._saved)
        return self._count() != self._version

    def restore(self) -> None:
        if not self.changed():
            return
        if self._moved():
            self._value.data = self._data
        _fill(self._value.data, self._saved)
        if self._value.is_leaf:
            self._value.requires_grad_(self._grad)
        self._version = self._count()


def _identical(left: torch.Tensor, right: torch.Tensor) -> bool:
    if torch.equal(left, right):
        return True
    if not (left.is_floating_point() or left.is_complex()):
        return False
    return bool(((left == right) | (left.isnan() & right.isnan())).all())


def _fill(target: torch.Tensor, source: torch.Tensor) -> None:
    if target.shape != source.shape:
        target.resize_(source.shape)
    try:
        target.copy_(source)
    except RuntimeError:  # an expanded buffer: several elements share one place
        target.set_(source.clone())  # type: ignore[call-overload]


class LruCell(Silent):
    """A `functools` cache: it cannot be put back, only emptied."""

    kind = "python"

    def __init__(self, path: str, value: object) -> None:
        self.path = path
        self._clear: Callable[[], None] = value.cache_clear  # type: ignore[attr-defined]
        self._info: Callable[[], object] = value.cache_info  # type: ignore[attr-defined]
        self._saved = self._info()

    def changed(self) -> bool:
        return bool(self._info() != self._saved)

    def restore(self) -> None:
        if self.changed():
            self._clear()
            self._saved = self._info()


class GeneratorCell(Silent):
    """A random generator that belongs to the model."""

    kind = "python"

    def __init__(self, path: str, value: object) -> None:
        self.path = path
        self._value = value
        self._saved = generator_state(value)
        self._fingerprint = fingerprint(self._saved)

    def changed(self) -> bool:
        return fingerprint(generator_state(self._value)) != self._fingerprint

    def restore(self) -> None:
        set_generator_state(self._value, self._saved)


class ArrayCell(Silent):
    """The elements of a NumPy array, an `array.array` or a `bytearray`."""

    kind = "python"

    def __init__(self, path: str, value: Any) -> None:
        self.path = path
        self._value = value
        self._saved = copy.copy(value)
        self._bytes = _bytes(value)

    def contents(self) -> bytes:
        return _bytes(self._value)

    def changed(self) -> bool:
        return self.contents() != self._bytes

    def restore(self) -> None:
        if self.changed():
            self._value[... if hasattr(self._value, "shape") else slice(None)] = self._saved


def _bytes(value: Any) -> bytes:
    return bytes(value.tobytes()) if hasattr(value, "tobytes") else bytes(value)


class IteratorCell(Silent):
    """A generator or an iterator: it cannot be put back, only made again together with the model that holds it."""

    kind = "python"

    def __init__(self, path: str, value: Iterator[object]) -> None:
        self.path = path
        self._value = value
        self._saved = _position(value)

    def changed(self) -> bool:
        return bool(_position(self._value) != self._saved)

    def restore(self) -> None:
        """Left to who can make the model again."""


def _position(value: object, depth: int = 4) -> object:
    """Where an iterator stands, as far as a generator's frame or the copy protocol tells."""
    if isinstance(value, types.GeneratorType):
        frame = value.gi_frame
        return None if frame is None else (frame.f_lasti, *(plain_part(item) for item in frame.f_locals.values()))
    if isinstance(value, tuple) and depth > 0:
        return tuple(_position(item, depth - 1) for item in value)
    if not isinstance(value, _ITERATORS) or depth == 0:
        return plain_part(value)
    with contextlib.suppress(TypeError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple(_position(item, depth - 1) for item in value.__reduce__())
    return None
