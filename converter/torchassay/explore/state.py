"""Remembers everything mutable that a model can reach, tells what a run changed, and puts it back.

Buffers alone are not a model's state: counters, lists, caches, dictionaries, class attributes, closures,
module globals and `lru_cache` all survive a call in eager mode, and none of them is in a traced graph.
"""

from __future__ import annotations

import collections
import functools
import random
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Protocol

import torch

from torchassay.base.child import is_user_file

_ALWAYS_COPIED = 1 << 18  # elements: below this, copying back is cheaper than asking whether it is needed
_ATOMS = (int, float, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size)


@dataclass(frozen=True, slots=True)
class StateChange:
    """Something that a call left different: `path` reads like the attribute that holds it."""

    path: str
    kind: str  # "tensor" or "python"


class _Cell(Protocol):
    path: str
    kind: str

    def changed(self) -> bool: ...

    def summary(self) -> Iterator[object]: ...

    def restore(self) -> None: ...


class StateGuard:
    """A snapshot of all state reachable from some roots.

    `restore` brings every reachable container and tensor back in place, so that object identities survive.
    """

    def __init__(self, *roots: object) -> None:
        self._cells: list[_Cell] = list(_Walk().cells(roots))

    def changes(self) -> list[StateChange]:
        """What differs now, in the order of discovery."""
        return [StateChange(cell.path, cell.kind) for cell in self._cells if cell.changed()]

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

    def cells(self, roots: Iterable[object]) -> Iterator[_Cell]:
        stack: list[tuple[str, object]] = [("", root) for root in roots]
        while stack:
            path, value = stack.pop()
            if isinstance(value, _ATOMS) or id(value) in self._seen:
                continue
            self._seen.add(id(value))
            self._alive.append(value)
            cell = _cell(path, value)
            if cell is not None:
                yield cell
            stack.extend(reversed(list(_parts(path, value))))


class _Silent:
    """For cells whose contents say nothing in a few plain values."""

    def summary(self) -> Iterator[object]:
        return iter(())


def _plain(value: object) -> object:
    """What a fingerprint keeps of a value."""
    if isinstance(value, _ATOMS):
        return value
    return (type(value).__name__, len(value)) if isinstance(value, Sized) and not isinstance(value, torch.Tensor) else None


def _cell(path: str, value: object) -> _Cell | None:
    for kinds, make in _CELLS:
        if isinstance(value, kinds):
            return make(path, value)
    if _is_lru_cache(value):
        return _LruCell(path, value)
    if isinstance(value, type):
        return _ClassCell(path, value) if _is_users(value) else None
    if _is_plain_object(value):
        return _DictCell(path, vars(value))
    return None


def _parts(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from ((_join(path, key), item) for key, item in list(value.items()))
    elif isinstance(value, list | tuple | set | frozenset | collections.deque):
        yield from ((f"{path}[{index}]", item) for index, item in enumerate(list(value)))
    elif isinstance(value, functools.partial):
        yield from ((path, part) for part in (value.func, value.args, value.keywords))
    elif isinstance(value, types.FunctionType):
        yield from _function_parts(path, value)
    elif isinstance(value, types.MethodType):
        yield from ((path, part) for part in (value.__func__, value.__self__))
    elif isinstance(value, type):
        if _is_users(value):
            yield from ((f"{value.__name__}.{name}", item) for name, item in list(vars(value).items()))
    elif isinstance(value, types.CellType):
        if value != types.CellType():  # an unbound cell has no contents to ask for
            yield path, value.cell_contents
    elif isinstance(value, property):
        yield path, value.fget
    elif isinstance(value, staticmethod | classmethod):
        yield path, value.__func__
    elif _is_lru_cache(value):
        yield path, getattr(value, "__wrapped__", None)
    elif isinstance(value, torch.nn.Module) or _is_plain_object(value):
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
    module = sys.modules.get(kind.__module__)
    return _is_own_file(getattr(module, "__file__", None) or "<none>")


def _is_plain_object(value: object) -> bool:
    if isinstance(value, types.ModuleType | torch.jit.ScriptModule | type) or not hasattr(value, "__dict__"):
        return False
    if isinstance(value, torch.nn.Module):
        return True
    root = type(value).__module__.partition(".")[0]
    return root not in sys.stdlib_module_names and root not in ("torch", "torchassay", "numpy")


def _is_lru_cache(value: object) -> bool:
    return hasattr(value, "cache_clear") and hasattr(value, "cache_info")


def _differ(now: object, saved: object) -> bool:
    """Two numbers or texts are the same when equal, anything else only when identical."""
    if now is saved:
        return False
    return not (type(now) is type(saved) and isinstance(now, _ATOMS) and now == saved)


class _DictCell:
    """A dictionary or the attributes of an object."""

    kind = "python"

    def __init__(self, path: str, value: dict[object, object]) -> None:
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


class _ListCell:
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


class _SetCell(_Silent):
    kind = "python"

    def __init__(self, path: str, value: set[object]) -> None:
        self.path = path
        self._value = value
        self._saved = set(value)

    def changed(self) -> bool:
        return self._value != self._saved

    def restore(self) -> None:
        if self.changed():
            self._value.clear()
            self._value.update(self._saved)


class _ClosureCell:
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


class _GlobalsCell:
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


class _ClassCell:
    """The data attributes of a class."""

    kind = "python"

    def __init__(self, path: str, value: type) -> None:
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


class _LruCell(_Silent):
    """A `functools` cache: it cannot be put back, only emptied."""

    kind = "python"

    def __init__(self, path: str, value: object) -> None:
        self.path = path
        self._clear: Callable[[], None] = value.cache_clear  # type: ignore[attr-defined]
        self._info: Callable[[], object] = value.cache_info  # type: ignore[attr-defined]
        self._saved = self._info()

    def changed(self) -> bool:
        return self._info() != self._saved

    def restore(self) -> None:
        if self.changed():
            self._clear()
            self._saved = self._info()


class _GeneratorCell(_Silent):
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


class _TensorCell(_Silent):
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


def _closure(path: str, value: types.CellType) -> _ClosureCell | None:
    try:
        return _ClosureCell(path, value)
    except ValueError:
        return None


def _function(path: str, value: types.FunctionType) -> _Cell | None:
    return _GlobalsCell(path, value) if _is_own_file(value.__code__.co_filename) else None


_CELLS: tuple[tuple[tuple[type, ...], Callable[[str, object], _Cell | None]], ...] = (
    ((torch.Tensor,), _TensorCell),  # type: ignore[arg-type]
    ((dict,), _DictCell),  # type: ignore[arg-type]
    ((list, collections.deque), _ListCell),  # type: ignore[arg-type]
    ((set,), _SetCell),  # type: ignore[arg-type]
    ((types.CellType,), _closure),  # type: ignore[arg-type]
    ((types.FunctionType,), _function),  # type: ignore[arg-type]
    ((torch.Generator, random.Random), _GeneratorCell),  # type: ignore[arg-type]
)
