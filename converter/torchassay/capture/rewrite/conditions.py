"""Conditions: what they fix, what they tell about the types on each side, and their code."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.coerce import truth
from torchassay.capture.rewrite.dispatch import dispatch
from torchassay.capture.rewrite.edits import Remedy
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.homes import is_changed
from torchassay.capture.rewrite.protocols import call_protocol
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    is_static,
    kind_of,
    name,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

Facts = dict[Any, T.Type]


@dataclass(slots=True)
class Test:
    """A condition: decided (`known`), or code with what holds on either side."""

    code: ast.expr
    known: bool | None = None
    taken: bool | None = None
    when_true: Facts = field(default_factory=dict)
    when_false: Facts = field(default_factory=dict)

    @property
    def facts(self) -> tuple[Facts, Facts]:
        return self.when_true, self.when_false


def decided(value: bool) -> Test:
    return Test(ast.Constant(value), known=value, taken=value)


def test_of(frame: Frame, node: ast.expr) -> Test:
    """Evaluates an expression as a condition."""
    if isinstance(node, ast.BoolOp):
        return _bool_op(frame, isinstance(node.op, ast.And), node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = test_of(frame, node.operand)
        if inner.known is not None:
            return decided(not inner.known)
        taken = None if inner.taken is None else not inner.taken
        return Test(ast.UnaryOp(ast.Not(), inner.code), None, taken, inner.when_false, inner.when_true)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Is, ast.IsNot)):
        return _identity(frame, node)
    from torchassay.capture.rewrite.evaluator import evaluate

    return test_value(frame, evaluate(frame, node))


def test_value(frame: Frame, value: Value) -> Test:
    """A value as a condition."""
    if isinstance(value, Choice):
        return test_value(frame, dispatch(frame, value, lambda option: as_value(test_value(frame, option))))
    if (own := _own_truth(frame, value)) is not None:
        return test_value(frame, own)
    if isinstance(value, Static) and not isinstance(value.data, torch.Tensor):
        return decided(bool(value.data))
    if isinstance(value, Struct):
        return decided(bool(value.items) if value.kind in (tuple, list, dict) else True)
    if not isinstance(value, (Dynamic, Static)):
        return decided(True)
    kind = value.type if isinstance(value, Dynamic) else T.TENSOR
    held = frame.once(value) if T.is_optional(kind) else value
    code = truth(frame.code(held), kind)
    if isinstance(code, ast.Constant):
        return decided(bool(code.value))
    facts: Facts = {}
    if isinstance(value, Dynamic) and value.place is not None and T.is_optional(kind):
        facts[value.place] = T.bare(kind)
    return Test(code, None, _sample_truth(value), facts, {})


def _own_truth(frame: Frame, value: Value) -> Value | None:
    """What the class of an object says about its truth."""
    if isinstance(value, Static):
        has_own = is_changed(frame, value.data)
    else:
        has_own = isinstance(value, Struct) and isinstance(value.kind, type)
    if not has_own:
        return None
    found = call_protocol(frame, value, "bool")
    return found if found is not None else call_protocol(frame, value, "len")


def as_value(test: Test) -> Value:
    """A condition as a plain truth value."""
    if test.known is not None:
        return Static(test.known)
    return Dynamic(T.BOOL, call("bool", test.code), MISSING if test.taken is None else test.taken)


def _sample_truth(value: Value) -> bool | None:
    sample = sample_of(value)
    if sample is MISSING:
        return None
    try:
        return bool(sample)
    except Exception:
        return None


def _identity(frame: Frame, node: ast.Compare) -> Test:
    from torchassay.capture.rewrite.evaluator import evaluate

    left, right = evaluate(frame, node.left), evaluate(frame, node.comparators[0])
    return identical(frame, left, right, isinstance(node.ops[0], ast.Is))


def identical(frame: Frame, left: Value, right: Value, positive: bool) -> Test:
    """Whether two values are one object (`positive`), or are not."""
    if isinstance(left, Choice):
        return test_value(frame, dispatch(frame, left, lambda option: as_value(identical(frame, option, right, positive))))
    if isinstance(right, Choice):
        return identical(frame, right, left, positive)
    if isinstance(left, Static) and left.data is None:
        left, right = right, left
    if isinstance(right, Static) and right.data is None:
        return _is_none(frame, left, positive)
    if isinstance(left, Static) and isinstance(right, Static):
        return decided((left.data is right.data) == positive)
    if isinstance(left, Dynamic) and isinstance(right, Static) and isinstance(right.data, bool):
        return test_value(
            frame, Dynamic(T.BOOL, ast.Compare(left.code, [ast.Eq() if positive else ast.NotEq()], [ast.Constant(right.data)]))
        )
    if {kind_of(left), kind_of(right)} & {T.DTYPE, T.LAYOUT, T.DEVICE, T.INT, T.STR, T.BOOL}:
        from torchassay.capture.rewrite.comparison import compare

        return test_value(frame, compare(frame, ast.Eq() if positive else ast.NotEq(), left, right))
    if isinstance(left, Dynamic) and isinstance(right, Dynamic) and T.is_tensor(left.type):
        advice = "compare their values with `torch.equal`"
        raise Refused("the identity of two tensors is asked", advice, Remedy("equal"))
    return decided((sample_of(left) is sample_of(right)) == positive)


def _is_none(frame: Frame, value: Value, positive: bool) -> Test:
    if not isinstance(value, Dynamic):
        is_none = isinstance(value, Static) and value.data is None
        return decided(is_none == positive)
    if value.type == T.NONE:
        return decided(positive)
    if not T.is_optional(value.type):
        return decided(not positive)
    code = ast.Compare(value.code, [ast.Is() if positive else ast.IsNot()], [ast.Constant(None)])
    none: Facts = {} if value.place is None else {value.place: T.NONE}
    some: Facts = {} if value.place is None else {value.place: T.bare(value.type)}
    taken = None if value.sample is MISSING else (value.sample is None) == positive
    return Test(code, None, taken, none if positive else some, some if positive else none)


def _bool_op(frame: Frame, conjunction: bool, nodes: list[ast.expr]) -> Test:
    first = test_of(frame, nodes[0])
    if len(nodes) == 1:
        return first
    if first.known is not None:
        if first.known != conjunction:
            return first
        return _bool_op(frame, conjunction, nodes[1:])
    saved, before = dict(frame.refined), set(frame.declared)
    frame.refined.update(first.when_true if conjunction else first.when_false)
    with frame.block() as hoisted:
        rest = _bool_op(frame, conjunction, nodes[1:])
    frame.refined = saved
    _stand_ins(frame, before)
    if rest.known is not None and not hoisted and rest.known == conjunction:
        return first
    if hoisted:
        return _lazily(frame, conjunction, first, rest, hoisted)
    code = ast.BoolOp(ast.And() if conjunction else ast.Or(), [_bool(first.code), _bool(rest.code)])
    return _joined(conjunction, first, rest, code)


def _stand_ins(frame: Frame, before: set[str]) -> None:
    """Variables that only the later operand binds, by `:=`, need some value where it is not evaluated."""
    from torchassay.capture.rewrite.branches import stand_in

    for value in frame.env.values():
        if not isinstance(value, Dynamic) or not isinstance(value.code, ast.Name) or value.code.id in before:
            continue
        filler = T.default(value.type)
        if value.code.id in frame.declared and filler is not None and value.place is not None:
            frame.emit(stand_in(value.code.id, value.type, filler))


def _joined(conjunction: bool, first: Test, rest: Test, code: ast.expr) -> Test:
    known = (first.taken, rest.taken)
    taken = None
    if None not in known:
        taken = all(known) if conjunction else any(known)
    if conjunction:
        return Test(code, None, taken, {**first.when_true, **rest.when_true}, {})
    return Test(code, None, taken, {}, {**first.when_false, **rest.when_false})


def _lazily(frame: Frame, conjunction: bool, first: Test, rest: Test, hoisted: list[ast.stmt]) -> Test:
    """The later operand needs statements of its own: they go into a branch, as Python evaluates them."""
    target = frame.fresh()
    frame.declared[target] = T.BOOL
    frame.assign(target, ast.Call(name("bool"), [first.code], []))
    inner = [*hoisted, ast.Assign([ast.Name(target, ast.Store())], ast.Call(name("bool"), [rest.code], []))]
    test: ast.expr = name(target) if conjunction else ast.UnaryOp(ast.Not(), name(target))
    frame.emit(ast.If(test, inner, []))
    return _joined(conjunction, first, rest, name(target))


def _bool(code: ast.expr) -> ast.expr:
    return code


def static_compare(left: Value, right: Value) -> bool:
    return is_static(left) and is_static(right)
