"""Comparisons, identity and membership."""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.dispatch import dispatch, settle_choice
from torchassay.capture.rewrite.edits import Remedy
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.iteration import items_of
from torchassay.capture.rewrite.protocols import call_protocol, order_protocol
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.sets import set_operator
from torchassay.capture.rewrite.subscripts import key_text
from torchassay.capture.rewrite.truth import Refinements, Test, as_value, decided, test_value
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
    sample_of,
    unpack,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame


ORDER: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


_FIXED = (tuple, set, frozenset, range, Mapping, nn.ModuleDict, nn.ParameterDict)


def compare(frame: Frame, op: ast.cmpop, left: Value, right: Value) -> Value:
    """`left op right` for everything but identity."""
    left = settle_choice(frame, left) if isinstance(left, Choice) else left
    if isinstance(left, Choice):
        return dispatch(frame, left, lambda option: compare(frame, op, option, right))
    right = settle_choice(frame, right) if isinstance(right, Choice) else right
    if isinstance(right, Choice):
        return dispatch(frame, right, lambda option: compare(frame, op, left, option))
    if isinstance(op, (ast.In, ast.NotIn)):
        return _membership(frame, isinstance(op, ast.In), left, right)
    if isinstance(op, (ast.Is, ast.IsNot)):
        return as_value(identical(frame, left, right, isinstance(op, ast.Is)))
    own = None if is_static(left) and is_static(right) else order_protocol(frame, op, left, right)
    if own is None:
        own = set_operator(frame, op, left, right)
    if own is not None:
        return own
    if is_static(left) and is_static(right) and not _tensor(left) and not _tensor(right):
        return Static(ORDER[type(op)](sample_of(left), sample_of(right)))
    return _order(frame, op, left, right)


def _tensor(value: Value) -> bool:
    return isinstance(value, Static) and isinstance(value.data, torch.Tensor)


def _order(frame: Frame, op: ast.cmpop, left: Value, right: Value) -> Value:
    kinds = kind_of(left), kind_of(right)
    if isinstance(op, (ast.Eq, ast.NotEq)):
        if T.is_optional(kinds[0]) or T.is_optional(kinds[1]):
            return _maybe_none(frame, op, left, right)
        decided = _never_equal(left, right, kinds)
        if decided:
            return Static(isinstance(op, ast.NotEq))
        if isinstance(left, Struct) and isinstance(right, Struct) and len(left.items) == len(right.items):
            return _item_by_item(frame, op, left, right)
    if type(op) in _STRICT and kinds[0].name == kinds[1].name == "Tuple":
        return _lexicographic(frame, op, items_of(frame, left) or [], items_of(frame, right) or [])
    one, two = _side(frame, left, kinds[1]), _side(frame, right, kinds[0])
    samples = sample_of(left), sample_of(right)
    found = MISSING
    if samples[0] is not MISSING and samples[1] is not MISSING:
        found = attempt(lambda: ORDER[type(op)](_plain(samples[0]), _plain(samples[1])))
    kind = T.TENSOR if T.is_tensor(kinds[0]) or T.is_tensor(kinds[1]) else T.BOOL
    return sampled(ast.Compare(one, [op], [two]), found, kind)


_STRICT: dict[type, ast.cmpop] = {ast.Lt: ast.Lt(), ast.LtE: ast.Lt(), ast.Gt: ast.Gt(), ast.GtE: ast.Gt()}


def _lexicographic(frame: Frame, op: ast.cmpop, left: list[Value], right: list[Value]) -> Value:
    """The order of tuples: by the first part in which they differ."""
    if not left or not right:
        return Static(ORDER[type(op)](len(left), len(right)))
    one, two = frame.once(left[0]), frame.once(right[0])
    if len(left) == len(right) == 1:
        return test_as_value(frame, compare(frame, op, one, two))
    first = test_as_value(frame, compare(frame, _STRICT[type(op)], one, two))
    equal = test_as_value(frame, compare(frame, ast.Eq(), one, two))
    rest = _lexicographic(frame, op, left[1:], right[1:])
    later = ast.BoolOp(ast.And(), [frame.code(equal), frame.code(rest)])
    samples = sample_of(first), sample_of(equal), sample_of(rest)
    known = not any(sample is MISSING for sample in samples)
    found = samples[0] or (samples[1] and samples[2]) if known else MISSING
    return Dynamic(T.BOOL, ast.BoolOp(ast.Or(), [frame.code(first), later]), found)


def _maybe_none(frame: Frame, op: ast.cmpop, left: Value, right: Value) -> Value:
    """Equality where a side may be None: None equals None only."""
    left, right = frame.once(left), frame.once(right)
    positive = isinstance(op, ast.Eq)
    optional = left if T.is_optional(kind_of(left)) else right
    other = right if optional is left else left
    assert isinstance(optional, Dynamic)
    if T.is_optional(kind_of(other)):
        raise Refused("two values that may both be None are compared", "test each for None first")
    inner = Dynamic(T.bare(optional.type), call("torch.jit._unwrap_optional", optional.code), optional.sample)
    result = frame.branch(
        ast.Compare(optional.code, [ast.Is()], [ast.Constant(None)]),
        lambda: Static(not positive),
        lambda: test_as_value(frame, compare(frame, op, inner, other)),
        taken=None if not optional.known else optional.sample is None,
    )
    return Static(None) if result is None else result


def test_as_value(frame: Frame, value: Value) -> Value:
    """A comparison as a plain truth value."""
    return as_value(test_value(frame, value))


def _plain(sample: Any) -> Any:
    return tuple(sample) if isinstance(sample, (torch.Size, list)) else sample


def _side(frame: Frame, value: Value, other: T.Type) -> ast.expr:
    kind = kind_of(value)
    if kind.name == "Tuple" and other.name == "List":
        return frame.code(value, T.list_of(other.args[0]))
    if T.is_optional(kind) and isinstance(value, Dynamic) and not T.is_optional(other):
        return call("torch.jit._unwrap_optional", value.code)
    if kind == T.DEVICE and other == T.STR:
        return call("str", frame.code(value))
    return frame.code(value)


def _never_equal(left: Value, right: Value, kinds: tuple[T.Type, T.Type]) -> bool:
    """Values of different kinds: Python says they differ, TorchScript refuses the question."""
    if T.UNKNOWN in kinds or any(T.is_tensor(kind) or T.is_optional(kind) for kind in kinds):
        return False
    groups = ({"bool", "int", "float", "complex", "dtype"}, {"List", "Tuple"}, {"str", "Device"}, {"Dict"}, {"None"})
    index = [next((n for n, group in enumerate(groups) if kind.name in group), -1) for kind in kinds]
    return index[0] != index[1] and -1 not in index


def _item_by_item(frame: Frame, op: ast.cmpop, left: Struct, right: Struct) -> Value:
    parts = []
    for a, b in zip(left.items, right.items, strict=True):
        test = test_value(frame, compare(frame, ast.Eq(), a, b))
        if test.known is False:
            return Static(isinstance(op, ast.NotEq))
        if test.known is None:
            parts.append(test.code)
    if not parts:
        return Static(isinstance(op, ast.Eq))
    code: ast.expr = parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)
    samples = sample_of(left), sample_of(right)
    found = MISSING if MISSING in [s for s in samples if s is MISSING] else attempt(lambda: bool(samples[0] == samples[1]))
    if isinstance(op, ast.NotEq):
        code = ast.UnaryOp(ast.Not(), code)
        found = MISSING if found is MISSING else not found
    return Dynamic(T.BOOL, code, found)


def _membership(frame: Frame, positive: bool, item: Value, where: Value) -> Value:
    found = _contains(frame, item, where)
    if positive:
        return found
    if isinstance(found, Static):
        return Static(not found.data)
    assert isinstance(found, Dynamic)
    return Dynamic(T.BOOL, ast.UnaryOp(ast.Not(), found.code), MISSING if not found.known else not found.sample)


def _contains(frame: Frame, item: Value, where: Value) -> Value:
    if not is_static(item) and (own := call_protocol(frame, where, "contains", item)) is not None:
        return test_as_value(frame, own)
    if is_static(item) and isinstance(where, Static) and not _tensor(where):
        return Static(sample_of(item) in where.data)
    if isinstance(where, Static) and not _tensor(where):
        where = unpack(where)
    if isinstance(where, Struct) and where.kind is dict:
        if is_static(item):
            return Static(sample_of(item) in where.keys)
        where = Struct(tuple, list(range(len(where.keys))), [Static(key) for key in where.keys])
    if isinstance(where, Static) and isinstance(where.data, _FIXED):
        where = Struct(tuple, list(range(len(where.data))), [Static(part) for part in where.data])
    if isinstance(where, Struct):
        return _any_equal(frame, item, where.items)
    if isinstance(where, Dynamic) and T.is_tensor(where.type):
        test = compare(frame, ast.Eq(), where, item)
        assert isinstance(test, Dynamic)
        found = MISSING if not test.known else attempt(lambda: bool(test.sample.any()))
        return Dynamic(T.BOOL, call("bool", call("torch.any", test.code)), found)
    if not isinstance(where, Dynamic):
        raise Refused("membership in this object cannot be decided in TorchScript", "use a list or a dict")
    samples = sample_of(item), where.sample
    known = samples[0] is not MISSING and samples[1] is not MISSING
    found = attempt(lambda: samples[0] in samples[1]) if known else MISSING
    is_tuple = where.type.name == "Dict" and kind_of(item).name == "Tuple"
    code = key_text(frame, item) if is_tuple else frame.code(item)
    return Dynamic(T.BOOL, ast.Compare(code, [ast.In()], [where.code]), found)


def _any_equal(frame: Frame, item: Value, options: list[Value]) -> Value:
    """`item in (a, b)`, as `item == a or item == b`."""
    held = frame.once(item)
    parts: list[ast.expr] = []
    samples: list[bool | None] = []
    for option in options:
        test = test_value(frame, compare(frame, ast.Eq(), held, option))
        if test.known is True:
            return Static(True)
        if test.known is None:
            parts.append(test.code)
            samples.append(test.taken)
    if not parts:
        return Static(False)
    found = MISSING if None in samples else any(samples)
    return Dynamic(T.BOOL, parts[0] if len(parts) == 1 else ast.BoolOp(ast.Or(), parts), found)


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
    none: Refinements = {} if value.place is None else {value.place: T.NONE}
    some: Refinements = {} if value.place is None else {value.place: T.bare(value.type)}
    taken = None if value.sample is MISSING else (value.sample is None) == positive
    return Test(code, None, taken, none if positive else some, some if positive else none)
