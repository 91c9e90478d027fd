"""Attributes that hold one of several fixed objects, an enumeration member say: a number remembers which."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.branches import fixed, numbered
from torchassay.capture.rewrite.dispatch import dispatch
from torchassay.capture.rewrite.errors import Refused, Restart
from torchassay.capture.rewrite.values import Choice, Dynamic, Static, Struct, Value, sample_of

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def is_selection(frame: Frame, path: str, label: str, value: Value) -> bool:
    """Whether an attribute takes, or took before, an object that no variable holds."""
    if (path, label) in frame.spec.facts.selections:
        return True
    return fixed(value) and not isinstance(value, Struct) and frame.lower(value) is None


def store_selection(frame: Frame, module: nn.Module, path: str, label: str, value: Value) -> None:
    """`module.label = value`: the number of the value is stored; a new value makes specialisation start again."""
    options = value.options if isinstance(value, Choice) else [value]
    if not all(isinstance(option, Static) for option in options):
        raise Refused(f"attribute `{label}` is set to something that TorchScript cannot hold", "keep numbers and tensors")
    facts = frame.spec.facts
    known = facts.selections.get((path, label), [])
    wanted = _with(known, [getattr(module, label, None), *(sample_of(option) for option in options)], frame)
    if len(wanted) > len(known):
        facts.selections[(path, label)] = wanted
        facts.state[(path, _attribute(label))] = T.INT
        raise Restart
    target = ast.Attribute(frame.spec.layout.module_code(module, frame.host), _attribute(label), ast.Store())

    def number(option: Value) -> Value:
        return Static(_index(known, _key(sample_of(option), frame)))

    chosen = dispatch(frame, value, number) if isinstance(value, Choice) else number(value)
    frame.emit(ast.Assign([target], frame.code(chosen, T.INT)))
    setattr(module, label, sample_of(value))


def read_selection(frame: Frame, module: nn.Module, path: str, label: str) -> Value | None:
    """`module.label` as one of its objects; None for another attribute."""
    known = frame.spec.facts.selections.get((path, label))
    if known is None:
        return None
    code = ast.Attribute(frame.spec.layout.module_code(module, frame.host), _attribute(label), ast.Load())
    chosen = _index(known, _key(getattr(module, label, None), frame))
    which = frame.temp(Dynamic(T.INT, code, chosen))
    assert isinstance(which, Dynamic)
    return numbered(which.code, [Static(_object(key, frame)) for key in known], chosen)


def _attribute(label: str) -> str:
    return f"_which_{label.strip('_')}"


def _with(known: list[Any], objects: list[Any], frame: Frame) -> list[Any]:
    found = list(known)
    for item in objects:
        key = _key(item, frame)
        if _index(found, key) < 0:
            found.append(key)
    return found


def _index(known: list[Any], key: Any) -> int:
    same = (n for n, other in enumerate(known) if other is key or (isinstance(key, (tuple, int, float, str)) and other == key))
    return next(same, -1)


def _key(item: Any, frame: Frame) -> Any:
    """An object as the next copy of the model has it too: modules by their path."""
    return ("module", frame.spec.layout.path_of(item)) if isinstance(item, nn.Module) else item


def _object(key: Any, frame: Frame) -> Any:
    is_module = isinstance(key, tuple) and len(key) == 2 and key[0] == "module"
    return frame.spec.model.get_submodule(key[1]) if is_module else key
