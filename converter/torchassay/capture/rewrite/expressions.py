"""Expressions: each is evaluated as far as it is known, and written down as far as it is not."""

from __future__ import annotations

import ast

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.attributes import attribute
from torchassay.capture.rewrite.comparison import compare
from torchassay.capture.rewrite.conditions import test_of
from torchassay.capture.rewrite.dispatch import narrowed
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate, handles, in_order
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.samples import sampled
from torchassay.capture.rewrite.subscripts import subscript
from torchassay.capture.rewrite.truth import as_value, test_value
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Function,
    Static,
    Struct,
    Value,
    call,
    plain,
    sample_of,
)


@handles(ast.Constant)
def _constant(frame: Frame, node: ast.Constant) -> Value:
    return Static(node.value)


@handles(ast.Name)
def _name(frame: Frame, node: ast.Name) -> Value:
    value = frame.find(node.id)
    if value is None:
        raise Refused(f"`{node.id}` has no value on some path to this line", f"give `{node.id}` a value first")
    place = frame.spec.cells.place_of_name(frame, node.id, value)
    if place is not None:
        return attribute(frame, Static(place[0]), place[1])
    if isinstance(value, Choice):
        return narrowed(value, frame.refined.get(("name", node.id)))
    return frame.refine(value)


@handles(ast.Lambda)
def _lambda(frame: Frame, node: ast.Lambda) -> Value:
    return make_function(frame, node)


def make_function(frame: Frame, node: ast.FunctionDef | ast.Lambda) -> Function:
    """A nested function with its default values."""
    defaults = [evaluate(frame, item) for item in node.args.defaults]
    named = {
        item.arg: evaluate(frame, value)
        for item, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if value is not None
    }
    return Function(node, frame, defaults, named)


@handles(ast.NamedExpr)
def _named(frame: Frame, node: ast.NamedExpr) -> Value:
    frame.bind(node.target.id, evaluate(frame, node.value))
    return evaluate(frame, ast.Name(node.target.id, ast.Load()))


@handles(ast.IfExp)
def _if_exp(frame: Frame, node: ast.IfExp) -> Value:
    test = test_of(frame, node.test)
    if test.known is not None:
        return evaluate(frame, node.body if test.known else node.orelse)
    result = frame.branch(
        test.code,
        lambda: evaluate(frame, node.body),
        lambda: evaluate(frame, node.orelse),
        taken=test.taken,
        facts=test.facts,
    )
    return Static(None) if result is None else result


@handles(ast.BoolOp)
def _bool_op(frame: Frame, node: ast.BoolOp) -> Value:
    first = evaluate(frame, node.values[0])
    if len(node.values) == 1:
        return first
    conjunction = isinstance(node.op, ast.And)
    test = test_value(frame, first)
    if test.known is not None:
        if test.known != conjunction:
            return first
        return _bool_op(frame, ast.BoolOp(node.op, node.values[1:]))
    held = frame.once(first)
    rest = ast.BoolOp(node.op, node.values[1:])
    kept = held
    if isinstance(held, Dynamic) and T.is_optional(held.type):
        kept = Dynamic(T.bare(held.type), call("torch.jit._unwrap_optional", held.code), held.sample)
    test = test_value(frame, held)
    sides = (lambda: _bool_op(frame, rest), lambda: held) if conjunction else (lambda: kept, lambda: _bool_op(frame, rest))
    result = frame.branch(test.code, sides[0], sides[1], taken=test.taken, facts=test.facts)
    return Static(None) if result is None else result


@handles(ast.Compare)
def _compare(frame: Frame, node: ast.Compare) -> Value:
    if len(node.ops) == 1:
        if isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            test = test_of(frame, node)
            return Static(test.known) if test.known is not None else sampled(test.code, test.taken, T.BOOL)
        left, right = in_order(frame, [node.left, node.comparators[0]])
        return compare(frame, node.ops[0], left, right)
    return _chain(frame, frame.once(evaluate(frame, node.left)), node.ops, node.comparators)


def _chain(frame: Frame, left: Value, ops: list[ast.cmpop], nodes: list[ast.expr]) -> Value:
    """`a < b < c`: the later operands are evaluated only where the earlier comparison holds."""
    mark = len(frame.out)
    right = frame.once(evaluate(frame, nodes[0]))
    found: Value = compare(frame, ops[0], frame.pinned(left, mark), right)
    if len(nodes) == 1:
        return found
    test = test_value(frame, found)
    if test.known is not None:
        return _chain(frame, right, ops[1:], nodes[1:]) if test.known else Static(False)
    with frame.block() as later:
        rest = as_value(test_value(frame, _chain(frame, right, ops[1:], nodes[1:])))
    if later:
        result = frame.branch(test.code, lambda: frame.written(later, rest), lambda: Static(False), taken=test.taken)
        return Static(False) if result is None else result
    known = test.taken is not None and sample_of(rest) is not MISSING
    taken = bool(test.taken and sample_of(rest)) if known else MISSING
    return Dynamic(T.BOOL, ast.BoolOp(ast.And(), [test.code, frame.code(rest)]), taken)


@handles(ast.Attribute)
def _attribute(frame: Frame, node: ast.Attribute) -> Value:
    return attribute(frame, evaluate(frame, node.value), node.attr)


@handles(ast.Subscript)
def _subscript(frame: Frame, node: ast.Subscript) -> Value:
    return subscript(frame, evaluate(frame, node.value), evaluate(frame, node.slice))


@handles(ast.Slice)
def _slice(frame: Frame, node: ast.Slice) -> Value:
    parts = [Static(None) if part is None else evaluate(frame, part) for part in (node.lower, node.upper, node.step)]
    if all(isinstance(part, Static) for part in parts):
        return Static(slice(*[plain(part.data) for part in parts if isinstance(part, Static)]))
    return Struct(slice, ["start", "stop", "step"], parts)


@handles(ast.Starred)
def _starred(frame: Frame, node: ast.Starred) -> Value:
    raise Refused("TorchScript cannot expand `*` here", "pass the items one by one")
