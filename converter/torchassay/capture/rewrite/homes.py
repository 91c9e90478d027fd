"""Plain objects that a module keeps, be it as a hook, and `forward` changes: their fields become state of the module."""

from __future__ import annotations

import dataclasses
import types
from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

DEPTH = 4
_OWN = frozenset(vars(nn.Module()))  # what every module has
_HOOKS = ("_forward_hooks", "_forward_pre_hooks")


Step = str | tuple[Any]  # an attribute by its name, or an item by its key in a tuple


@dataclasses.dataclass(frozen=True, slots=True)
class Home:
    """Where an object is kept: the path of the module, and the attributes and items that lead to it."""

    path: str
    steps: tuple[Step, ...]

    def attribute(self, label: str) -> str:
        """The attribute of the module that stands for a field of the object."""
        texts = [step if isinstance(step, str) else str(step[0]) for step in (*self.steps, label)]
        return "_" + "_".join("".join(c if c.isalnum() else "_" for c in text).strip("_") for text in texts)


def homes_of(model: nn.Module) -> dict[int, Home]:
    """The home of every plain object that a module keeps, by its identity."""
    found: dict[int, Home] = {}
    for path, module in model.named_modules():
        todo: list[tuple[Any, tuple[Step, ...]]] = [(vars(module), ())]
        while todo:
            parts, steps = todo.pop()
            for step, item in parts.items():
                inner = (*steps, step)
                if is_plain_object(item) and id(item) not in found:
                    found[id(item)] = Home(path, inner)
                    todo.append((vars(item), inner))
                elif isinstance(item, types.MethodType):
                    todo.append(({"__self__": item.__self__}, inner))
                elif step in _HOOKS:
                    todo.append(({(number,): hook for number, hook in enumerate(item.values())}, inner))
                elif isinstance(item, (list, tuple, dict)) and len(inner) < DEPTH and step not in _OWN:
                    pairs = item.items() if isinstance(item, dict) else enumerate(item)
                    todo.append(({(key,): part for key, part in pairs}, inner))
    return found


def is_plain_object(item: Any) -> bool:
    """An instance of a user's class with attributes, other than a module."""
    kind = type(item)
    other = (nn.Module, type, types.ModuleType, types.FunctionType, dict, list, tuple)
    if isinstance(item, other) or not hasattr(item, "__dict__"):
        return False
    room = (kind.__module__ or "").split(".")[0]
    return room not in ("builtins", "torch", "numpy", "collections", "functools", "enum", "logging") and not _is_member(item)


def _is_member(item: Any) -> bool:
    return hasattr(type(item), "__members__")


def follow(module: nn.Module, steps: tuple[Step, ...]) -> Any:
    """The value that the steps lead to."""
    value: Any = module
    for step in steps:
        value = getattr(value, step) if isinstance(step, str) else value[step[0]]
        if step in _HOOKS:
            value = list(value.values())  # by their order: each copy gives them numbers of its own
    return value


def settle(frame: Frame, data: Any, label: str) -> tuple[nn.Module, str] | None:
    """The module and attribute that hold `data.label`; None for an object that no module keeps."""
    home = frame.spec.homes.get(id(data))
    if home is None:
        return None
    module = frame.spec.model.get_submodule(home.path)
    attribute = home.attribute(label)
    if not hasattr(module, attribute) and hasattr(data, label):
        setattr(module, attribute, getattr(data, label))
    frame.spec.facts.homes[(home.path, attribute)] = (*home.steps, label)
    return module, attribute


def held(frame: Frame, data: Any, label: str) -> tuple[nn.Module, str] | None:
    """Like `settle`, for a field that is known to change; None for one that is fixed."""
    home = frame.spec.homes.get(id(data))
    if home is None or (home.path, home.attribute(label)) not in frame.spec.facts.homes:
        return None
    return settle(frame, data, label)


def is_changed(frame: Frame, data: Any) -> bool:
    """Whether a field of the object, or what its class holds, may change while the model runs."""
    if frame.spec.facts.cells and is_plain_object(data):
        return True  # its class, or what its methods read, may hold shared state
    home = frame.spec.homes.get(id(data))
    if home is None:
        return False
    known = frame.spec.facts.homes.items()
    return any(path == home.path and steps[: len(home.steps)] == home.steps for (path, _), steps in known)
