"""State that no module owns: variables of closures, attributes of classes, variables and containers of a source file.

Each becomes the attribute of a module of its own, which is a submodule of every module that uses it: they share it.
"""

from __future__ import annotations

import copy
import sys
import types
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.closures import closure_cells
from torchassay.capture.rewrite.errors import Refused, Restart
from torchassay.capture.rewrite.facts import Facts, Key, Shared
from torchassay.capture.rewrite.values import Static, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame, Scope
    from torchassay.capture.rewrite.layout import Layout

_FOREIGN = frozenset(("builtins", "torch", "numpy", "collections", "functools", "enum", "typing", "abc"))


class Cell(nn.Module):
    """The module that holds one value."""


class Cells:
    """The cells of one copy of the model; what is known to need one survives in the facts."""

    def __init__(self, model: nn.Module, facts: Facts, layout: Layout) -> None:
        self.model = model
        self.facts = facts
        self.layout = layout
        self.keys = {id(cell): key for key, cell in closure_cells(model).items()}
        self.made = cells_for(model, facts)
        for key, cell in self.made.items():
            for host in facts.cells[key].hosts:
                layout.add(f"{host}.{facts.cells[key].name}".lstrip("."), cell)

    def place(self, frame: Frame, key: Key | None) -> tuple[Cell, str] | None:
        """The module and attribute that stand for `key`; None for what is not known to change."""
        fact = None if key is None else self.facts.cells.get(key)
        if key is None or fact is None:
            return None
        if self.layout.path_of(self.made[key], frame.host) is None:
            fact.hosts.append(frame.host)
            raise Restart
        return self.made[key], fact.label

    def change(self, frame: Frame, key: Key, owner: str, label: str, read: Callable[[], Any] | None = None) -> tuple[Cell, str]:
        """Like `place`, for what changes: where that is news, specialisation starts again."""
        found = self.place(frame, key)
        if found is not None:
            return found
        taken = {fact.name for fact in self.facts.cells.values()}
        base = f"_of_{owner.strip('_')}"
        name = next(text for text in (base, *(f"{base}_{number}" for number in range(2, 1000))) if text not in taken)
        safe = f"{label}_" if hasattr(nn.Module(), label) else label
        self.facts.cells[key] = Shared(name, safe, [frame.host], read)
        raise Restart

    def change_class(self, frame: Frame, key: Key) -> tuple[Cell, str]:
        """`change` for the attribute of a class."""
        _, kind, label = key
        return self.change(frame, key, kind.__name__, label, lambda: vars(kind)[label])

    def change_name(self, frame: Frame, text: str) -> tuple[Cell, str]:
        """`change` for a variable of the surroundings of a function, or of its file."""
        scope, key = surroundings(frame, text), self.key_of(frame, text)
        if scope is None or key is None:
            raise Refused(f"`{text}` has no value on some path to this line", f"give `{text}` a value first")
        if text not in scope.cells:
            return self.change(frame, key, "file", text, lambda: scope.globals[text])
        cell = scope.cells[text]
        return self.change(frame, key, "closure", text, None if key[0] == "closure" else lambda: cell.cell_contents)

    def change_iterator(self, frame: Frame, iterator: Any) -> tuple[Cell, str]:
        """`change` for the number of items that were taken from an iterator."""
        key = self.keys.get(id(iterator), ("iterator", id(iterator)))
        kept = [iterator]  # its identity lasts as long as it lives
        cell, label = self.change(frame, key, "iterator", "taken", lambda: len(kept) - 1)
        self.facts.state.setdefault((str(self.layout.path_of(cell)), label), T.INT)
        return cell, label

    def is_kept(self, value: Any) -> bool:
        """Whether the model itself holds an iterator or the variable of a closure."""
        return id(value) in self.keys

    def change_content(self, frame: Frame, text: str) -> tuple[Cell, str]:
        """`change` for a container that a name of the surroundings stands for: a file's may have several names."""
        key, found = self.key_of(frame, text), frame.find(text)
        if key is None or key[0] != "global" or key in self.facts.cells or not isinstance(found, Static):
            return self.change_name(frame, text)
        data = found.data
        return self.change(frame, ("object", id(data)), "file", text, lambda: data)

    def place_of_name(self, frame: Frame, text: str, value: Value) -> tuple[Cell, str] | None:
        """The module and attribute that stand for a name; None where it does not change."""
        if not self.facts.cells or text in frame.env:
            return None
        return self.place(frame, self.key_of(frame, text)) or self.place_of_object(frame, value)

    def place_of_object(self, frame: Frame, value: Value) -> tuple[Cell, str] | None:
        """The same for a container of a source file, whatever name it goes by."""
        return self.place(frame, ("object", id(value.data))) if isinstance(value, Static) else None

    def key_of(self, frame: Frame, text: str) -> Key | None:
        """What a name stands for outside of the function at work; None for its own variables."""
        scope = surroundings(frame, text)
        if scope is None:
            return None
        if text in scope.cells:
            return self.keys.get(id(scope.cells[text]), ("cell", id(scope.cells[text])))
        return "global", scope.file, text

    def knows(self, cell: types.CellType) -> bool:
        """Whether the variable of a closure is known to change."""
        return self.keys.get(id(cell), ("cell", id(cell))) in self.facts.cells

    def claim(self, frame: Frame, data: Any) -> None:
        """A container that is changed under another name: where a class holds it, that attribute is state."""
        kinds = dict.fromkeys(kind for module in self.model.modules() for kind in type(module).__mro__)
        for kind in kinds:
            for label, item in vars(kind).items():
                if item is data and _is_users(kind) and ("class", kind, label) not in self.facts.cells:
                    self.change_class(frame, ("class", kind, label))


def outside(model: nn.Module) -> list[object]:
    """What the model's closures, its classes and their files hold: no copy of the model has its own."""
    kinds = {kind for module in model.modules() for kind in type(module).__mro__ if _is_users(kind)}
    rooms = {kind.__module__ for kind in kinds} & set(sys.modules)
    found: list[object] = [dict(vars(kind)) for kind in kinds] + [dict(vars(sys.modules[room])) for room in rooms]
    cells = [cell for cell in closure_cells(model).values() if isinstance(cell, types.CellType)]
    return found + [cell.cell_contents for cell in cells if cell != types.CellType()]


def attach(model: nn.Module, facts: Facts) -> None:
    """Puts the cells into a copy of the model."""
    for key, cell in cells_for(model, facts).items():
        for host in facts.cells[key].hosts:
            model.get_submodule(host).add_module(facts.cells[key].name, cell)


def cells_for(model: nn.Module, facts: Facts) -> dict[Key, Cell]:
    """The cells of a copy of the model, each with the value that it starts with."""
    if not facts.cells:
        return {}
    closures = closure_cells(model)
    made: dict[Key, Cell] = {}
    for key, fact in facts.cells.items():
        cell = made[key] = Cell()
        cell.training = model.training
        content = fact.read() if fact.read is not None else closures[key].cell_contents
        setattr(cell, fact.label, _copied(content))
    return made


def _copied(content: Any) -> Any:
    if isinstance(content, torch.Tensor):
        return content.detach().clone()
    try:
        return copy.deepcopy(content)
    except RuntimeError:  # tensors that are results of operators
        return copy.copy(content)


def surroundings(frame: Frame, text: str) -> Scope | None:
    """The scope outside of the function at work that gives a name its value; None where the function itself does."""
    scope: Scope | None = frame
    while scope is not None:
        if text in scope.env:
            return None
        if text in scope.cells or (scope.parent is None and text in scope.globals):
            return scope
        scope = scope.parent
    return None


def class_key(data: Any, label: str) -> Key | None:
    """What the attribute of a class, or of an object that takes it from its class, is known under; None for others."""
    if isinstance(data, types.ModuleType):
        return None
    if not isinstance(data, type) and label in _own(data):
        return None
    for kind in (data if isinstance(data, type) else type(data)).__mro__:
        if label in vars(kind):
            item = vars(kind)[label]
            plain = not callable(item) and not hasattr(type(item), "__get__")
            return ("class", kind, label) if plain and _is_users(kind) else None
    return None


def _own(data: Any) -> set[str]:
    own = set(getattr(data, "__dict__", ()))
    if isinstance(data, nn.Module):
        own |= {*data._parameters, *data._buffers, *data._modules}
    return own


def _is_users(kind: type) -> bool:
    return (kind.__module__ or "").split(".")[0] not in _FOREIGN
