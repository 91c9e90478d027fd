"""Operators: of numbers, tensors, texts and sequences."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.coerce import coerce
from torchassay.capture.rewrite.conditions import test_of
from torchassay.capture.rewrite.dispatch import dispatch, options_of, settle_choice
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate, handles, in_order
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.indices import is_sequence, repeated
from torchassay.capture.rewrite.protocols import binary_protocol
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.sets import set_operator
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    kind_of,
    sample_of,
    tuple_value,
    unpack,
)

UNARY: dict[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}


@handles(ast.UnaryOp)
def _unary(frame: Frame, node: ast.UnaryOp) -> Value:
    if isinstance(node.op, ast.Not):
        test = test_of(frame, node)
        if test.known is not None:
            return Static(test.known)
        return Dynamic(T.BOOL, test.code, MISSING if test.taken is None else test.taken)
    value = evaluate(frame, node.operand)
    function = UNARY[type(node.op)]
    if isinstance(value, Choice):
        return dispatch(frame, value, lambda option: _apply_unary(frame, node.op, function, option))
    return _apply_unary(frame, node.op, function, value)


def _apply_unary(frame: Frame, op: ast.unaryop, function: Callable[[Any], Any], value: Value) -> Value:
    if isinstance(value, Static) and not isinstance(value.data, torch.Tensor):
        return Static(function(value.data))
    if isinstance(op, ast.UAdd):
        return value
    sample = sample_of(value)
    found = MISSING if sample is MISSING else attempt(lambda: function(sample))
    return sampled(ast.UnaryOp(op, frame.code(value)), found)


BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}


@handles(ast.BinOp)
def _bin_op(frame: Frame, node: ast.BinOp) -> Value:
    left, right = in_order(frame, [node.left, node.right])
    return binary(frame, node.op, left, right)


def binary(frame: Frame, op: ast.operator, left: Value, right: Value) -> Value:
    """`left op right`."""
    chosen = next((side for side in (left, right) if isinstance(side, Choice)), None)
    if chosen is not None and isinstance(op, ast.Add) and is_sequence(left) and is_sequence(right):
        sides = (left, right)
        return options_of(chosen, lambda option: binary(frame, op, *(option if side is chosen else side for side in sides)))
    return _binary(frame, op, _settled(frame, left), _settled(frame, right))


def _binary(frame: Frame, op: ast.operator, left: Value, right: Value) -> Value:
    if isinstance(left, Static) and isinstance(right, Static) and not _holds_tensor(left, right):
        return Static(BINARY[type(op)](left.data, right.data))
    own = binary_protocol(frame, op, left, right)
    if own is None:
        own = set_operator(frame, op, left, right)
    if own is not None:
        return own
    joined = _sequences(frame, op, left, right)
    if joined is not None:
        return joined
    function = BINARY[type(op)]
    samples = sample_of(left), sample_of(right)
    sample = (
        MISSING
        if MISSING in (samples[0] if samples[0] is MISSING else None, samples[1] if samples[1] is MISSING else None)
        else attempt(lambda: function(_listed(samples[0]), _listed(samples[1])))
    )
    kinds = kind_of(left), kind_of(right)
    if isinstance(op, ast.Mod) and kinds[0] == T.STR:
        raise Refused("`%` formats text with a value known only at run time", "use an f-string without format codes")
    if isinstance(op, ast.Mult) and T.STR in kinds:
        text, times = (left, right) if kinds[0] == T.STR else (right, left)
        frame.spec.helpers.add("_repeat_text")
        return Dynamic(T.STR, call("_repeat_text", frame.code(text), frame.code(times, T.INT)), sample)
    code: ast.expr = ast.BinOp(_operand(frame, left, kinds[1]), op, _operand(frame, right, kinds[0]))
    if isinstance(op, ast.Pow) and kinds == (T.INT, T.INT) and isinstance(sample, int):
        code = call("int", code)
    return sampled(code, sample, _operator_type(op, kinds, sample))


def _operator_type(op: ast.operator, kinds: tuple[T.Type, T.Type], sample: Any) -> T.Type | None:
    if sample is not MISSING:
        return None
    if any(T.is_tensor(kind) for kind in kinds):
        return T.TENSOR
    if isinstance(op, ast.Div) and all(kind in T.NUMBERS for kind in kinds):
        return T.FLOAT
    return T.join(*kinds)


def _settled(frame: Frame, value: Value) -> Value:
    return settle_choice(frame, value) if isinstance(value, Choice) else value


def _holds_tensor(*values: Static) -> bool:
    return any(isinstance(value.data, torch.Tensor) for value in values)


def _listed(sample: Any) -> Any:
    return list(sample) if isinstance(sample, torch.Size) else sample


def _operand(frame: Frame, value: Value, other: T.Type) -> ast.expr:
    kind = kind_of(value)
    if other.name == "List" and kind.name == "Tuple":
        return frame.code(value, T.list_of(other.args[0]))
    if kind == T.BOOL and other in (T.INT, T.FLOAT, T.BOOL):
        return coerce(frame.code(value), T.BOOL, T.INT)
    if T.is_optional(kind) and isinstance(value, Dynamic):
        return call("torch.jit._unwrap_optional", value.code)
    return frame.code(value)


def _one_object(frame: Frame, item: Value) -> Value:
    """An item that occurs several times: a container must be one object in all places."""
    if isinstance(item, Struct) and item.kind in (list, dict):
        return frame.temp(frame.container(item) or item)
    return frame.once(item)


def _opened(value: Value) -> Value:
    """A fixed sequence as its items."""
    if isinstance(value, Static) and isinstance(value.data, tuple):
        return tuple_value([Static(item) for item in value.data])
    return unpack(value) if isinstance(value, Static) else value


def _sequences(frame: Frame, op: ast.operator, left: Value, right: Value) -> Value | None:
    """Concatenation and repetition of sequences whose structure is known."""
    one, two = (_opened(item) for item in (left, right))
    if isinstance(op, ast.Add) and isinstance(one, Struct) and isinstance(two, Struct):
        items = [*one.items, *two.items]
        return Struct(one.kind, list(range(len(items))), items)
    if isinstance(op, ast.BitOr) and isinstance(one, Struct) and isinstance(two, Struct) and one.kind is dict:
        merged = {**dict(zip(one.keys, one.items, strict=True)), **dict(zip(two.keys, two.items, strict=True))}
        return Struct(dict, list(merged), list(merged.values()))
    if isinstance(op, ast.Mult) and isinstance(two, Struct):
        one, two = two, one
    if isinstance(op, ast.Mult) and isinstance(one, Struct) and isinstance(two, Dynamic):
        return repeated(frame, one, two)
    if isinstance(op, ast.Mult) and isinstance(one, Struct) and isinstance(two, Static):
        held = [_one_object(frame, item) for item in one.items] * int(two.data)
        return Struct(one.kind, list(range(len(held))), held)
    return None
