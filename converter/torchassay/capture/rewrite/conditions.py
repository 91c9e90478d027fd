"""Conditions: what they fix, what they tell about the types on each side, and their code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.branches import stand_in
from torchassay.capture.rewrite.comparison import identical
from torchassay.capture.rewrite.dispatch import SOME
from torchassay.capture.rewrite.evaluator import evaluate
from torchassay.capture.rewrite.truth import Test, decided, test_value
from torchassay.capture.rewrite.values import Choice, Dynamic, Static, Value, name

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


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
    value = evaluate(frame, node)
    test = test_value(frame, value)
    return _narrowing(test, node, value, when_true=SOME)


def _identity(frame: Frame, node: ast.Compare) -> Test:
    left, right = evaluate(frame, node.left), evaluate(frame, node.comparators[0])
    positive = isinstance(node.ops[0], ast.Is)
    test = identical(frame, left, right, positive)
    if not isinstance(right, Static) or right.data is not None:
        return test
    sides = (T.NONE, SOME) if positive else (SOME, T.NONE)
    return _narrowing(test, node.left, left, when_true=sides[0], when_false=sides[1])


def _narrowing(test: Test, node: ast.expr, value: Value, *, when_true: T.Type, when_false: T.Type | None = None) -> Test:
    """A test of a variable that holds one of several objects tells whether it is None."""
    place = node.target if isinstance(node, ast.NamedExpr) else node
    if not isinstance(value, Choice) or not isinstance(place, ast.Name) or test.known is not None:
        return test
    key = ("name", place.id)
    return Test(test.code, None, test.taken, {key: when_true}, {key: when_false} if when_false is not None else {})


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
