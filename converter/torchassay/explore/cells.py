"""One cell of a model's state each: what it held, whether that changed, and how to put it back in place."""

from __future__ import annotations

import collections
import types
from collections.abc import Iterator, Sized
from typing import Any, Protocol

import torch

from torchassay.loading.reach import ATOMS, attributes


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


def plain_part(value: object) -> object:
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
        yield from (plain_part(item) for item in self._value.values())

    def restore(self) -> None:
        if self.changed():
            self._value.clear()
            self._value.update(self._saved)


class AttributesCell:
    """The attributes of an object that keeps some in slots."""

    kind = "python"

    def __init__(self, path: str, value: object) -> None:
        self.path = path
        self._value = value
        self._saved = attributes(value)

    def changed(self) -> bool:
        now = attributes(self._value)
        return now.keys() != self._saved.keys() or any(_differ(now[name], item) for name, item in self._saved.items())

    def summary(self) -> Iterator[object]:
        yield from (plain_part(item) for item in attributes(self._value).values())

    def restore(self) -> None:
        if not self.changed():
            return
        for name in attributes(self._value).keys() - self._saved.keys():
            object.__delattr__(self._value, name)
        for name, item in self._saved.items():
            object.__setattr__(self._value, name, item)  # a frozen class refuses any other way


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
        yield from (plain_part(item) for item in list(self._value)[-4:])

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
        yield plain_part(self._value.cell_contents)

    def restore(self) -> None:
        self._value.cell_contents = self._saved


class GlobalsCell:
    """The globals that a function of the user's reads or writes, in its own file or in a module that it names."""

    kind = "python"

    def __init__(self, path: str, space: dict[str, Any], names: list[str]) -> None:
        self.path = path
        self._space = space
        self._saved = {name: space[name] for name in names if name in space}
        self._absent = [name for name in names if name not in space]

    def changed(self) -> bool:
        appeared = any(name in self._space for name in self._absent)
        return appeared or any(_differ(self._space.get(name), item) for name, item in self._saved.items())

    def summary(self) -> Iterator[object]:
        yield from (plain_part(self._space.get(name)) for name in self._saved)

    def restore(self) -> None:
        self._space.update(self._saved)
        for name in self._absent:
            self._space.pop(name, None)


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
        yield from (plain_part(vars(self._value).get(name)) for name in self._saved)

    def restore(self) -> None:
        now = vars(self._value)
        for name, item in self._saved.items():
            if now.get(name, self) is not item:
                setattr(self._value, name, item)


def container_cell(path: str, value: object) -> Cell | None:
    """The cell of a container or of a closure's variable; None for anything else."""
    if isinstance(value, dict):
        return DictCell(path, value)
    if isinstance(value, list | collections.deque):
        return ListCell(path, value)
    if isinstance(value, set):
        return SetCell(path, value)
    return ClosureCell(path, value) if isinstance(value, types.CellType) and value != types.CellType() else None
