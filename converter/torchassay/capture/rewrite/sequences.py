"""Python's functions of sequences: ranges, mappings, quantifiers, sorting."""

from __future__ import annotations

import ast
import bisect
import functools
import math
import operator
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import library
from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_method, call_value
from torchassay.capture.rewrite.functions import call_user
from torchassay.capture.rewrite.homes import is_changed
from torchassay.capture.rewrite.iteration import (
    Iteration,
    enumerate_values,
    items_of,
    iteration_of,
    range_iteration,
    reversed_values,
    zip_values,
)
from torchassay.capture.rewrite.lists import listed
from torchassay.capture.rewrite.passing import Spread
from torchassay.capture.rewrite.protocols import call_protocol
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
    expression,
    is_static,
    kind_of,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


@lowers(len)
def _len(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if isinstance(value, Static) and isinstance(value.data, torch.Tensor):
        return Static(len(value.data))
    if isinstance(value, Static):
        own = call_protocol(frame, value, "len") if is_changed(frame, value.data) else None
        return Static(len(value.data)) if own is None else own
    if isinstance(value, Struct):
        own = call_protocol(frame, value, "len")
        return Static(len(value.items)) if own is None else own
    if isinstance(value, Iteration):
        return Dynamic(T.INT, value.length)
    sample = sample_of(value)
    found = MISSING if sample is MISSING else attempt(lambda: len(sample))
    if isinstance(value, Dynamic) and value.type.name == "Tuple":
        return Static(len(value.type.args))
    kind = kind_of(value)
    code = frame.code(value, T.bare(kind) if T.is_optional(kind) else None)
    return Dynamic(T.INT, call("len", code), found)


def _quantifier(is_all: bool) -> Lowering:
    def lowering(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
        found = static_call(all if is_all else any, args, kwargs)
        if found is not None:
            return found
        value = listed(frame, args[0])
        items = items_of(frame, value)
        if items is not None:
            return _chain(frame, items, is_all)
        target = frame.fresh("_t_all")
        frame.bind(target, Static(is_all))

        def body(item: Value) -> None:
            test = test_value(frame, item)
            code = test.code if not is_all else ast.UnaryOp(ast.Not(), test.code)
            frame.branch(code, lambda: frame.bind(target, Static(not is_all)), lambda: None)

        loop_over(frame, iteration_of(frame, value), body, [target])
        return frame.env[target]

    return lowering


def _chain(frame: Frame, items: list[Value], is_all: bool) -> Value:
    parts, taken = [], []
    for item in items:
        test = test_value(frame, item)
        if test.known is not None:
            if test.known != is_all:
                return Static(not is_all)
            continue
        parts.append(test.code)
        taken.append(test.taken)
    if not parts:
        return Static(is_all)
    sample = MISSING if None in taken else all(taken) if is_all else any(taken)
    op: ast.boolop = ast.And() if is_all else ast.Or()
    code = parts[0] if len(parts) == 1 else ast.BoolOp(op, parts)
    return Dynamic(T.BOOL, call("bool", code) if len(parts) == 1 else code, sample)


@lowers(range)
def _range(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(range, args, kwargs)
    return found if found is not None else range_iteration(args, frame)


@lowers(enumerate)
def _enumerate(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    start = args[1] if len(args) > 1 else kwargs.get("start", Static(0))
    return enumerate_values(frame, args[0], int(sample_of(start)))


@lowers(zip)
def _zip(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) == 1 and isinstance(args[0], Spread):
        return _columns(frame, args[0].value)
    return zip_values(frame, args)


def _columns(frame: Frame, rows: Dynamic) -> Value:
    """`zip(*rows)`: one list for each part of the rows."""
    row = rows.type.args[0]
    held = frame.once(rows)
    assert isinstance(held, Dynamic)
    if row.name != "Tuple":
        return frame.spec.specialise(library.transposed, {"rows": held}, frame)
    columns: list[Value] = [
        Dynamic(
            T.list_of(kind),
            expression(f"[row[{number}] for row in rows]", rows=held.code),
            attempt(lambda n=number: [item[n] for item in held.sample]) if held.known else MISSING,  # type: ignore[misc]
        )
        for number, kind in enumerate(row.args)
    ]
    return Struct(list, list(range(len(columns))), [frame.temp(column) for column in columns])


@lowers(reversed)
def _reversed(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return reversed_values(frame, args[0])


@lowers(map)
def _map(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    rows = zip_values(frame, args[1:]) if len(args) > 2 else args[1]
    items = items_of(frame, rows)

    def apply(item: Value) -> Value:
        given = item.items if len(args) > 2 and isinstance(item, Struct) else [item]
        return call_value(frame, args[0], list(given), {})

    if items is not None:
        found = [frame.once(apply(item)) for item in items]
        return Struct(list, list(range(len(found))), found)
    inner = iteration_of(frame, rows)
    return Iteration(inner.length, lambda index: apply(inner.element(index)))


@lowers(filter)
def _filter(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    target = frame.fresh()
    frame.mutated.add(target)
    frame.bind(target, Struct(list, [], []))

    def body(item: Value) -> None:
        held = frame.once(item)
        verdict = held if sample_of(args[0]) is None else call_value(frame, args[0], [held], {})
        test = test_value(frame, verdict)

        def keep() -> Any:
            return call_method(frame, frame.env[target], "append", [held], {}) and None

        if test.known is None:
            frame.branch(test.code, lambda: (keep(), None)[1], lambda: None)
        elif test.known:
            keep()

    items = items_of(frame, args[1])
    if items is not None:
        for item in items:
            body(item)
    else:
        loop_over(frame, iteration_of(frame, args[1]), body, [target])
    return frame.env[target]


@lowers(sorted)
def _sorted(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(sorted, args, kwargs)
    if found is not None:
        return found
    if sample_of(kwargs.get("key", Static(None))) is not None:
        return _sorted_by_key(frame, args[0], kwargs["key"], kwargs.get("reverse", Static(False)))
    value = frame.container(Struct(list, [], [])) if not args else listed(frame, args[0])
    if isinstance(value, Struct):
        value = frame.container(Struct(list, list(range(len(value.items))), value.items)) or value
    if not isinstance(value, Dynamic) or value.type.name != "List":
        raise Refused("this object cannot be sorted in TorchScript", "use `torch.sort`")
    down = bool(sample_of(kwargs["reverse"])) if "reverse" in kwargs else False
    code: ast.expr = call("sorted", value.code)
    if down:
        code = expression("x[::-1]", x=code)
    return sampled(code, attempt(lambda: sorted(value.sample, reverse=down)), value.type)


def _sorted_by_key(frame: Frame, values: Value, key: Value, reverse: Value) -> Value:
    value = listed(frame, values)
    items = items_of(frame, value)
    if items is not None:
        keys = [call_value(frame, key, [item], {}) for item in items]
        if all(is_static(item) for item in keys):
            order = sorted(range(len(items)), key=lambda i: sample_of(keys[i]), reverse=bool(sample_of(reverse)))
            return Struct(list, list(range(len(items))), [items[i] for i in order])
        value = frame.container(Struct(list, list(range(len(items))), items)) or value
    if not isinstance(value, Dynamic) or value.type.name != "List" or not isinstance(reverse, Static):
        raise Refused("objects are sorted by values known only at run time", "sort their numbers with `torch.argsort`")
    function = library.ordered_down if reverse.data else library.ordered
    return frame.spec.specialise(function, {"values": frame.once(value), "key": key}, frame)


_WRITTEN: dict[Any, Any] = {
    bisect.bisect_left: library.place_left,
    bisect.bisect_right: library.place_right,
    bisect.insort_left: library.put_left,
    bisect.insort_right: library.put_right,
    math.isclose: library.close,
}


def _written(function: Any) -> Lowering:
    """A function of Python that the library has in plain Python."""

    def lowering(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
        found = static_call(function, args, kwargs)
        return found if found is not None else call_user(frame, _WRITTEN[function], args, kwargs)

    return lowering


for _function in _WRITTEN:
    FUNCTIONS[_function] = _written(_function)


@lowers(iter)
def _iter(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0]


@lowers(next)
def _next(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = items_of(frame, listed(frame, args[0]))
    if items:
        return items[0]
    if items is not None and len(args) > 1:
        return args[1]
    value = listed(frame, args[0])
    if isinstance(value, Dynamic) and value.type.name == "List":
        held = frame.once(value)
        assert isinstance(held, Dynamic)
        first = expression("x[0]", x=held.code)
        item = Dynamic(held.type.args[0], first, attempt(lambda: held.sample[0]) if held.known else MISSING)
        if len(args) == 1:
            return item
        found = frame.branch(expression("len(x) > 0", x=held.code), lambda: item, lambda: args[1])
        return Static(None) if found is None else found
    raise Refused("`next` of this object is not available in TorchScript", "use a `for` loop")


@lowers(operator.itemgetter)
def _itemgetter(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(operator.itemgetter, args, kwargs)
    if found is None:
        raise Refused("`itemgetter` of a value known only at run time")
    return found


@lowers(functools.reduce)
def _reduce(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = items_of(frame, listed(frame, args[1]))
    if items is not None:
        total = args[2] if len(args) > 2 else items[0]
        for item in items if len(args) > 2 else items[1:]:
            total = frame.once(call_value(frame, args[0], [total, item], {}))
        return total
    value = listed(frame, args[1])
    target = frame.fresh("_t_total")
    sequence = iteration_of(frame, value)
    if len(args) < 3:
        raise Refused("`reduce` over a list of unknown length without a start", "write the loop")
    frame.bind(target, args[2])

    def body(item: Value) -> None:
        frame.bind(target, call_value(frame, args[0], [frame.env[target], item], {}))

    loop_over(frame, sequence, body, [target])
    return frame.env[target]


FUNCTIONS[all], FUNCTIONS[any] = _quantifier(True), _quantifier(False)
