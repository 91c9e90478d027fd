"""One cell of a model's state each: what it held, whether that changed, and how to put it back in place."""

from __future__ import annotations

import collections
import contextlib
import itertools
import random
import types
import warnings
from collections.abc import Callable, Iterator, Sized
from typing import Any, Protocol

import torch

_ALWAYS_COPIED = 1 << 18  # elements: below this, copying back is cheaper than asking whether it is needed
ATOMS = (int, float, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size)
_ITERABLES: tuple[Any, ...] = ((), [], {}, set(), range(0), "", {}.values(), {}.items())
_ITERATORS: tuple[type, ...] = (
    types.GeneratorType, map, filter, zip, enumerate, reversed,
    *(kind for kind in vars(itertools).values() if isinstance(kind, type)),
    *(type(iter(value)) for value in _ITERABLES),
)  # fmt: skip


class Cell(Protocol):
    """`kind` is "tensor" or "python"; `path` reads like the attribute that holds it."""

    path: str
    kind: str

    def changed(self) -> bool: ...

    def summary(self) -> Iterator[object]: ...

    def restore(self) -> None: ...


class Silent:
    """For cells whose contents say nothing in a few plain values."""

    def summary(self) -> Iterator[object]:
        return iter(())


def _plain(value: object) -> object:
    """What a fingerprint keeps of a value."""
    if isinstance(value, ATOMS):
        return value
    return (type(value).__name__, len(value)) if isinstance(value, Sized) and not isinstance(value, torch.Tensor) else None


def _differ(now: object, saved: object) -> bool:
    """Two numbers or texts are the same when equal, anything else only when identical."""
    if now is saved:
        return False
    return not (type(now) is type(saved) and isinstance(now, ATOMS) and now == saved)


class DictCell:
    """A dictionary or the attributes of an object."""

    kind = "python"

    def __init__(self, path: str, value: dict[Any, Any]) -> None:
        self.path = path
        self._value = value
        self._saved = dict(value)

    def changed(self) -> bool:
        value, saved = self._value, self._saved
        if len(value) != len(saved):
            return True
        return any(_differ(value.get(key, saved), item) for key, item in saved.items())

    def summary(self) -> Iterator[object]:
        yield from (_plain(item) for item in self._value.values())

    def restore(self) -> None:
        if self.changed():
            self._value.clear()
            self._value.update(self._saved)


class ListCell:
    """A list or a deque."""

    kind = "python"

    def __init__(self, path: str, value: list[object] | collections.deque[object]) -> None:
        self.path = path
        self._value = value
        self._saved = list(value)

    def changed(self) -> bool:
        same = len(self._value) == len(self._saved)
        return not same or any(_differ(a, b) for a, b in zip(self._value, self._saved, strict=True))

    def summary(self) -> Iterator[object]:
        yield len(self._value)
        yield from (_plain(item) for item in list(self._value)[-4:])

    def restore(self) -> None:
        if self.changed():
            self._value.clear()
            self._value.extend(self._saved)


class SetCell(Silent):
    """A set."""

    kind = "python"

    def __init__(self, path: str, value: set[object]) -> None:
        self.path = path
        self._value = value
        self._saved = set(value)

    def changed(self) -> bool:
        return bool(self._value != self._saved)

    def restore(self) -> None:
        if self.changed():
            self._value.clear()
            self._value.update(self._saved)


class ClosureCell:
    """A variable that a nested function shares with its maker (`nonlocal`)."""

    kind = "python"

    def __init__(self, path: str, value: types.CellType) -> None:
        self.path = path
        self._value = value
        self._saved = value.cell_contents

    def changed(self) -> bool:
        return _differ(self._value.cell_contents, self._saved)

    def summary(self) -> Iterator[object]:
        yield _plain(self._value.cell_contents)

    def restore(self) -> None:
        self._value.cell_contents = self._saved


class GlobalsCell:
    """The module globals that a function of the user's reads or writes."""

    kind = "python"

    def __init__(self, path: str, function: types.FunctionType) -> None:
        self.path = path
        self._globals = function.__globals__
        names = function.__code__.co_names
        self._saved = {name: self._globals[name] for name in names if name in self._globals}
        self._absent = [name for name in names if name not in self._globals]

    def changed(self) -> bool:
        appeared = any(name in self._globals for name in self._absent)
        return appeared or any(_differ(self._globals.get(name), item) for name, item in self._saved.items())

    def summary(self) -> Iterator[object]:
        yield from (_plain(self._globals.get(name)) for name in self._saved)

    def restore(self) -> None:
        self._globals.update(self._saved)
        for name in self._absent:
            self._globals.pop(name, None)


class ClassCell:
    """The data attributes of a class."""

    kind = "python"

    def __init__(self, value: type) -> None:
        self.path = value.__name__
        self._value = value
        self._saved = {name: item for name, item in vars(value).items() if not name.startswith("__")}

    def changed(self) -> bool:
        now = vars(self._value)
        return any(_differ(now.get(name, self), item) for name, item in self._saved.items())

    def summary(self) -> Iterator[object]:
        yield from (_plain(vars(self._value).get(name)) for name in self._saved)

    def restore(self) -> None:
        now = vars(self._value)
        for name, item in self._saved.items():
            if now.get(name, self) is not item:
                setattr(self._value, name, item)


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

    def __init__(self, path: str, value: torch.Generator | random.Random) -> None:
        self.path = path
        self._value = value
        self._saved = self._state()

    def _state(self) -> object:
        if isinstance(self._value, torch.Generator):
            return self._value.get_state()
        return self._value.getstate()

    def changed(self) -> bool:
        now = self._state()
        if isinstance(now, torch.Tensor) and isinstance(self._saved, torch.Tensor):
            return not torch.equal(now, self._saved)
        return now != self._saved

    def restore(self) -> None:
        if isinstance(self._value, torch.Generator):
            self._value.set_state(self._saved)  # type: ignore[arg-type]
        else:
            self._value.setstate(self._saved)  # type: ignore[arg-type]


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
        return None if frame is None else (frame.f_lasti, *(_plain(item) for item in frame.f_locals.values()))
    if isinstance(value, tuple) and depth > 0:
        return tuple(_position(item, depth - 1) for item in value)
    if not isinstance(value, _ITERATORS) or depth == 0:
        return _plain(value)
    with contextlib.suppress(TypeError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple(_position(item, depth - 1) for item in value.__reduce__())
    return None


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


def _closure(path: str, value: Any) -> ClosureCell | None:
    try:
        return ClosureCell(path, value)
    except ValueError:  # not bound yet
        return None


_CELLS: tuple[tuple[Any, Callable[[str, Any], Cell | None]], ...] = (
    (torch.Tensor, TensorCell),
    (dict, DictCell),
    ((list, collections.deque), ListCell),
    (set, SetCell),
    (types.CellType, _closure),
    ((torch.Generator, random.Random), GeneratorCell),
    (_ITERATORS, IteratorCell),
)


def builtin_cell(path: str, value: object) -> Cell | None:
    """The cell for a container, tensor, closure variable or generator; None for anything else."""
    for kinds, make in _CELLS:
        if isinstance(value, kinds):
            return make(path, value)
    return None
