"""Assignments: to names, parts of sequences, attributes and items."""

from __future__ import annotations

import ast
import operator

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.attributes import attribute
from torchassay.capture.rewrite.dispatch import options_of
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_method, evaluate, handles
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.indices import is_sequence, parts_of
from torchassay.capture.rewrite.iteration import Iteration, items_of, iteration_of
from torchassay.capture.rewrite.lists import comprehension_list
from torchassay.capture.rewrite.operators import BINARY, binary
from torchassay.capture.rewrite.samples import attempt
from torchassay.capture.rewrite.stores import change_item, store_attribute, store_item
from torchassay.capture.rewrite.subscripts import subscript
from torchassay.capture.rewrite.table import FUNCTIONS
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Static,
    Struct,
    Value,
    expression,
    kind_of,
    name,
    sample_of,
)


@handles(ast.Assign)
def _assign(frame: Frame, node: ast.Assign) -> None:
    value = evaluate(frame, node.value)
    if len(node.targets) > 1:
        value = frame.temp(value)
    for target in node.targets:
        bind_target(frame, target, value)


@handles(ast.AnnAssign)
def _ann_assign(frame: Frame, node: ast.AnnAssign) -> None:
    if node.value is not None:
        bind_target(frame, node.target, evaluate(frame, node.value))


def bind_target(frame: Frame, target: ast.expr, value: Value) -> None:
    """`target = value`."""
    if isinstance(target, ast.Name):
        if target.id in frame.outer:
            store_attribute(frame, *_outer(frame, target.id), value, name("self"))
            return
        frame.bind(target.id, comprehension_list(frame, value) if isinstance(value, Iteration) else value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _bind_parts(frame, list(target.elts), value)
    elif isinstance(target, ast.Attribute):
        _bind_attribute(frame, evaluate(frame, target.value), target, value)
    elif isinstance(target, ast.Subscript):
        store_item(frame, target, value)
    else:
        raise Refused("TorchScript cannot assign to this target", "assign to a name")


def _bind_attribute(frame: Frame, owner: Value, target: ast.Attribute, value: Value) -> None:
    if isinstance(owner, Dynamic) and target.attr == "data":
        _replace_data(frame, target.value, value)
    else:
        store_attribute(frame, owner, target.attr, value, target)


def _replace_data(frame: Frame, place: ast.expr, value: Value) -> None:
    """`z.data = value`: the variable or attribute holds the new data from here on."""
    if not isinstance(place, (ast.Name, ast.Attribute)):
        raise Refused("the data of a tensor is replaced", "use `copy_`, or a new tensor")
    code = expression("x.detach()", x=frame.code(value))
    bind_target(frame, place, Dynamic(T.TENSOR, code, sample_of(value)))


def _outer(frame: Frame, text: str) -> tuple[Static, str]:
    """The module and attribute that hold a variable of the surroundings."""
    cell, label = frame.spec.cells.change_name(frame, text)
    return Static(cell), label


def _bind_parts(frame: Frame, targets: list[ast.expr], value: Value) -> None:
    starred = [number for number, target in enumerate(targets) if isinstance(target, ast.Starred)]
    if starred and not _fixed_length(value):
        _bind_starred(frame, targets, value, starred[0])
        return
    parts = _parts(frame, value, len(targets), bool(starred))
    if starred:
        first, after = starred[0], len(targets) - starred[0] - 1
        middle = parts[first : len(parts) - after]
        collected: Value = Struct(list, list(range(len(middle))), middle)
        parts = [*parts[:first], collected, *parts[len(parts) - after :]]
        targets = [target.value if isinstance(target, ast.Starred) else target for target in targets]
    if len(parts) != len(targets):
        raise Refused(f"{len(parts)} values are unpacked into {len(targets)} names")
    kept = [frame.temp(part) if _reads(part, targets) else part for part in parts]
    for target, part in zip(targets, kept, strict=True):
        bind_target(frame, target, part)


def _fixed_length(value: Value) -> bool:
    return not isinstance(value, Dynamic) or value.type.name == "Tuple"


def _bind_starred(frame: Frame, targets: list[ast.expr], value: Value, first: int) -> None:
    """`a, *b, c = values` for a list whose length is known only at run time."""
    held = frame.temp(FUNCTIONS[list](frame, [value], {}) if T.is_tensor(kind_of(value)) else value)
    after = len(targets) - first - 1
    for number, target in enumerate(targets):
        if isinstance(target, ast.Starred):
            part = subscript(frame, held, Static(slice(first, -after if after else None)))
            bind_target(frame, target.value, part)
        else:
            bind_target(frame, target, subscript(frame, held, Static(number if number < first else number - len(targets))))


def _reads(part: Value, targets: list[ast.expr]) -> bool:
    """Whether the code of a part mentions what the same statement assigns."""
    if any(isinstance(target, (ast.Attribute, ast.Subscript)) for target in targets):
        return True
    assigned = {target.id for target in targets if isinstance(target, ast.Name)}
    if isinstance(part, Struct):
        return any(_reads(item, targets) for item in part.items)
    if not isinstance(part, Dynamic):
        return False
    return any(isinstance(node, ast.Name) and node.id in assigned for node in ast.walk(part.code))


def _parts(frame: Frame, value: Value, count: int, starred: bool) -> list[Value]:
    if isinstance(value, Choice) and is_sequence(value) and all(len(parts_of(option)) == count for option in value.options):
        return [options_of(value, lambda option, n=number: parts_of(option)[n]) for number in range(count)]  # type: ignore[misc]
    items = items_of(frame, value)
    if items is not None:
        return items
    if starred:
        raise Refused("`*` collects a list of unknown length", "index the list")
    if isinstance(value, Dynamic):
        value = frame.temp(value) if not isinstance(value.code, ast.Name) else value
    sequence = iteration_of(frame, value)
    if isinstance(value, Dynamic) and T.is_tensor(value.type):
        parts: list[Value] = []
        for number in range(count):
            sample = attempt(lambda n=number: value.sample[n])  # type: ignore[misc]
            parts.append(Dynamic(T.TENSOR, ast.Subscript(value.code, ast.Constant(number), ast.Load()), sample))
        frame.emit_code(f"assert len(x) == {count}, 'wrong number of values to unpack'", x=value.code)
        return parts
    found = [sequence.element(ast.Constant(number)) for number in range(count)]
    for number, part in enumerate(found):
        if isinstance(part, Dynamic) and isinstance(value, Dynamic) and value.known:
            part.sample = attempt(lambda n=number: value.sample[n])  # type: ignore[misc]
    if isinstance(value, Dynamic) and value.type.name == "List":
        frame.emit_code(f"assert len(x) == {count}, 'wrong number of values to unpack'", x=value.code)
    return found


@handles(ast.AugAssign)
def _aug_assign(frame: Frame, node: ast.AugAssign) -> None:
    change = evaluate(frame, node.value)
    if isinstance(node.target, ast.Name) and node.target.id in frame.outer:
        _change_attribute(frame, node.op, *_outer(frame, node.target.id), change, node.target)
        return
    if isinstance(node.target, ast.Name):
        current = evaluate(frame, ast.Name(node.target.id, ast.Load()))
        if isinstance(current, Dynamic) and _in_place(current) and isinstance(current.code, ast.Name):
            _in_place_change(frame, node.op, current, change)
            return
        frame.bind(node.target.id, binary(frame, node.op, current, change))
        return
    if isinstance(node.target, ast.Attribute):
        _change_attribute(frame, node.op, evaluate(frame, node.target.value), node.target.attr, change, node.target)
        return
    assert isinstance(node.target, ast.Subscript)
    change_item(frame, node, change)


def _change_attribute(frame: Frame, op: ast.operator, owner: Value, text: str, change: Value, place: ast.expr) -> None:
    """`owner.text op= change`."""
    current = attribute(frame, owner, text)
    if isinstance(current, Static) and isinstance(current.data, torch.Tensor):
        current = Dynamic(T.TENSOR, frame.code(current), current.data)
    if isinstance(current, Dynamic) and T.is_tensor(current.type) and isinstance(current.code, ast.Attribute):
        target = ast.Attribute(current.code.value, current.code.attr, ast.Store())
        frame.emit(ast.AugAssign(target, op, frame.code(change)))
        label = f"i{BINARY[type(op)].__name__.strip('_')}"
        attempt(lambda: getattr(operator, label)(current.sample, sample_of(change)))
        return
    value = binary(frame, op, current, change)
    if isinstance(place, ast.Attribute):
        _bind_attribute(frame, owner, place, value)
    else:
        store_attribute(frame, owner, text, value, place)


def _in_place(value: Dynamic) -> bool:
    if T.is_tensor(value.type):
        return value.type != T.UNKNOWN or not value.known
    return value.type.name == "List"


def _in_place_change(frame: Frame, op: ast.operator, current: Dynamic, change: Value) -> None:
    if current.type.name == "List":
        if isinstance(op, ast.Add):
            call_method(frame, current, "extend", [change], {})
            return
        raise Refused("this changes a list in place", "make a new list")
    assert isinstance(current.code, ast.Name)
    frame.emit(ast.AugAssign(ast.Name(current.code.id, ast.Store()), op, frame.code(change)))
    in_place = getattr(operator, f"i{BINARY[type(op)].__name__.strip('_')}", None)
    if in_place is not None and current.known and sample_of(change) is not MISSING:
        attempt(lambda: in_place(current.sample, sample_of(change)))
