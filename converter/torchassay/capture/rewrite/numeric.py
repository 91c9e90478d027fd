"""Python's functions of numbers: conversions, extremes, sums, products, operators as functions."""

from __future__ import annotations

import ast
import builtins
import math
import operator
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import library
from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.comparison import compare
from torchassay.capture.rewrite.errors import AlwaysRaises, Refused
from torchassay.capture.rewrite.evaluator import call_value
from torchassay.capture.rewrite.iteration import items_of, iteration_of
from torchassay.capture.rewrite.lists import listed
from torchassay.capture.rewrite.operators import binary
from torchassay.capture.rewrite.passing import Spread
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.table import FUNCTIONS, Lowering, lowers, static_call
from torchassay.capture.rewrite.truth import test_value
from torchassay.capture.rewrite.turns import loop_over
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    is_static,
    kind_of,
    name,
    sample_of,
    tuple_value,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def _number(label: str, kind: T.Type) -> Lowering:
    function = getattr(builtins, label)

    def lowering(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
        found = static_call(function, args, kwargs)
        if found is not None:
            return found
        value = args[0]
        sample = sample_of(value)
        result = MISSING if sample is MISSING else attempt(lambda: function(sample))
        if label == "bool":
            test = test_value(frame, value)
            if test.known is not None:
                return Static(test.known)
            if T.is_tensor(kind_of(value)):
                return Dynamic(T.BOOL, call("bool", frame.code(value)), result)
            return Dynamic(T.BOOL, test.code, result)
        if kind_of(value) == kind:
            return value
        given = kind_of(value)
        return Dynamic(kind, call(label, frame.code(value, T.bare(given) if T.is_optional(given) else None)), result)

    return lowering


FUNCTIONS[int] = _number("int", T.INT)


FUNCTIONS[float] = _number("float", T.FLOAT)


FUNCTIONS[bool] = _number("bool", T.BOOL)


FUNCTIONS[complex] = _number("complex", T.COMPLEX)


@lowers(operator.index)
def _index(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return FUNCTIONS[int](frame, args, kwargs)


def _same_name(label: str) -> Lowering:
    function = getattr(builtins, label)

    def lowering(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
        found = static_call(function, args, kwargs)
        if found is not None:
            return found
        samples = [sample_of(item) for item in args]
        known = not any(item is MISSING for item in samples)
        result = attempt(lambda: function(*samples)) if known else MISSING
        return sampled(call(label, *[frame.code(item) for item in args]), result)

    return lowering


for _label in ("abs", "divmod", "ord", "chr"):
    FUNCTIONS[getattr(builtins, _label)] = _same_name(_label)


@lowers(pow)
def _pow(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return binary(frame, ast.Pow(), args[0], args[1])


@lowers(round)
def _round(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(round, args, kwargs)
    if found is not None:
        return found
    value = args[0]
    sample = sample_of(value)
    if T.is_tensor(kind_of(value)):
        return sampled(call("torch.round", frame.code(value)), attempt(lambda: torch.round(sample)), T.TENSOR)
    if len(args) == 1:
        if kind_of(value) == T.INT:
            return value
        result = MISSING if sample is MISSING else attempt(lambda: round(sample))
        return Dynamic(T.INT, call("int", call("round", call("float", frame.code(value)))), result)
    digits = sample_of(args[1])
    frame.spec.helpers.add("_round_digits")
    result = MISSING if sample is MISSING else attempt(lambda: round(sample, digits))
    return Dynamic(T.FLOAT, call("_round_digits", call("float", frame.code(value)), frame.code(args[1])), result)


def _extreme(label: str) -> Lowering:
    function = getattr(builtins, label)

    def lowering(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
        found = static_call(function, args, kwargs)
        if found is not None:
            return found
        if "default" in kwargs:
            return _extreme_or_default(frame, lowering, args, kwargs)
        if "key" in kwargs:
            return _extreme_by_key(frame, label, args, kwargs)
        if len(args) == 1 and isinstance(args[0], Spread):
            args = [args[0].value]
        value = listed(frame, args[0]) if len(args) == 1 else args[0]
        items = items_of(frame, value) if len(args) == 1 else list(args)
        if items is None:
            return _extreme_of_list(frame, label, value, function)
        if not items:
            raise AlwaysRaises(f"`{label}` of nothing always fails", ValueError)
        if all(kind_of(item) in T.NUMBERS for item in items):
            return _extreme_of_numbers(frame, label, items, function)
        return _extreme_of_values(frame, label, items)

    return lowering


def _extreme_or_default(frame: Frame, lowering: Lowering, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`max(values, default=…)`."""
    rest = {key: item for key, item in kwargs.items() if key != "default"}
    value = listed(frame, args[0])
    items = items_of(frame, value)
    if items is not None:
        return lowering(frame, [value], rest) if items else kwargs["default"]
    held = frame.once(value)
    test = test_value(frame, held)
    found = frame.branch(test.code, lambda: lowering(frame, [held], rest), lambda: kwargs["default"], taken=test.taken)
    return Static(None) if found is None else found


def _extreme_of_numbers(frame: Frame, label: str, items: list[Value], function: Any) -> Value:
    kind = T.join_all([kind_of(item) for item in items])
    samples = [sample_of(item) for item in items]
    result = MISSING if any(item is MISSING for item in samples) else function(samples)
    code = frame.code(items[0], kind)
    for item in items[1:]:
        code = call(label, code, frame.code(item, kind))
    return Dynamic(kind, code, result)


def _extreme_of_list(frame: Frame, label: str, value: Value, function: Any) -> Value:
    if isinstance(value, Dynamic) and T.is_tensor(value.type):
        value = Dynamic(T.list_of(T.TENSOR), call("list", call("torch.unbind", value.code)), MISSING)
    if not isinstance(value, Dynamic) or value.type.name != "List":
        raise Refused(f"`{label}` of this object is not available in TorchScript")
    item = value.type.args[0]
    result = MISSING if not value.known else attempt(lambda: function(value.sample))
    if item in T.NUMBERS:
        return Dynamic(item, call(label, value.code), result)
    held = frame.temp(value)
    assert isinstance(held, Dynamic)
    target = frame.fresh()
    sign = ">" if label == "max" else "<"
    frame.declared[target] = item
    frame.emit_code(
        f"{target} = items[0]\nfor {target}_i in items:\n    if {target}_i {sign} {target}:\n        {target} = {target}_i",
        items=held.code,
    )
    return Dynamic(item, name(target), result)


def _extreme_of_values(frame: Frame, label: str, items: list[Value]) -> Value:
    """`max` of tensors: Python keeps the first unless a later one is greater."""
    best = frame.temp(items[0])
    op: ast.cmpop = ast.Gt() if label == "max" else ast.Lt()
    for item in items[1:]:
        other = frame.temp(item)
        current = best
        test = test_value(frame, compare(frame, op, other, current))
        if test.known is not None:
            best = other if test.known else current
            continue
        result = frame.branch(test.code, lambda o=other: o, lambda c=current: c, taken=test.taken)  # type: ignore[misc]
        assert result is not None
        best = result
    return best


def _extreme_by_key(frame: Frame, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = items_of(frame, listed(frame, args[0])) if len(args) == 1 else list(args)
    if items is None:
        values = frame.once(listed(frame, args[0]))
        function = library.largest if label == "max" else library.smallest
        return frame.spec.specialise(function, {"values": values, "key": kwargs["key"]}, frame)
    held = [frame.temp(item) for item in items]
    keys = [frame.temp(call_value(frame, kwargs["key"], [item], {})) for item in held]
    best, best_key = held[0], keys[0]
    op: ast.cmpop = ast.Gt() if label == "max" else ast.Lt()
    for item, key in zip(held[1:], keys[1:], strict=True):
        test = test_value(frame, compare(frame, op, key, best_key))
        pairs = tuple_value([item, key]), tuple_value([best, best_key])
        if test.known is not None:
            best, best_key = (item, key) if test.known else (best, best_key)
            continue
        found = frame.branch(test.code, lambda p=pairs: p[0], lambda p=pairs: p[1], taken=test.taken)  # type: ignore[misc]
        assert isinstance(found, Struct)
        best, best_key = found.items
    return best


@lowers(sum, math.fsum)
def _sum(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(sum, args, kwargs)
    if found is not None:
        return found
    start = args[1] if len(args) > 1 else kwargs.get("start", Static(0))
    value = listed(frame, args[0])
    items = items_of(frame, value)
    if items is not None:
        total: Value = start
        for item in items:
            skip = isinstance(total, Static) and type(total.data) is int and total.data == 0
            total = item if skip and not is_static(item) else binary(frame, ast.Add(), total, item)
        return total
    if isinstance(value, Dynamic) and value.type in (T.list_of(T.INT), T.list_of(T.FLOAT)) and sample_of(start) == 0:
        return sampled(call("sum", value.code), attempt(lambda: sum(value.sample)), value.type.args[0])
    return _running_sum(frame, value, start)


def _running_sum(frame: Frame, value: Value, start: Value) -> Value:
    target = frame.fresh("_t_sum")
    frame.bind(target, start)

    def body(item: Value) -> None:
        current = frame.env[target]
        frame.bind(target, binary(frame, ast.Add(), current, item))

    loop_over(frame, iteration_of(frame, value), body, [target])
    return frame.env[target]


@lowers(math.prod)
def product(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(math.prod, args, kwargs)
    if found is not None:
        return found
    value = listed(frame, args[0])
    items = items_of(frame, value)
    if items is not None:
        total: Value = Static(1)
        for item in items:
            total = item if isinstance(total, Static) and total.data == 1 else binary(frame, ast.Mult(), total, item)
        return total
    if isinstance(value, Dynamic) and value.type == T.list_of(T.INT):
        frame.spec.helpers.add("_product")
        sample = MISSING if not value.known else math.prod(value.sample)
        return Dynamic(T.INT, call("_product", value.code), sample)
    raise Refused("a product over values that are no integers", "use `torch.prod`")


_OPERATORS: dict[Any, ast.operator] = {
    operator.add: ast.Add(),
    operator.sub: ast.Sub(),
    operator.mul: ast.Mult(),
    operator.truediv: ast.Div(),
    operator.floordiv: ast.FloorDiv(),
    operator.mod: ast.Mod(),
    operator.matmul: ast.MatMult(),
    operator.pow: ast.Pow(),
    operator.and_: ast.BitAnd(),
    operator.or_: ast.BitOr(),
}


def _operator(op: ast.operator) -> Lowering:
    return lambda frame, args, kwargs: binary(frame, op, args[0], args[1])


def _comparison(op: ast.cmpop) -> Lowering:
    return lambda frame, args, kwargs: compare(frame, op, args[0], args[1])


FUNCTIONS.update({function: _operator(op) for function, op in _OPERATORS.items()})


_COMPARISONS: dict[Any, ast.cmpop] = {
    operator.eq: ast.Eq(),
    operator.ne: ast.NotEq(),
    operator.lt: ast.Lt(),
    operator.le: ast.LtE(),
    operator.gt: ast.Gt(),
    operator.ge: ast.GtE(),
}


FUNCTIONS.update({function: _comparison(op) for function, op in _COMPARISONS.items()})

FUNCTIONS[min], FUNCTIONS[max] = _extreme("min"), _extreme("max")
