"""Python's own functions and classes, put into TorchScript's terms."""

from __future__ import annotations

import ast
import builtins
import collections
import copy
import dataclasses
import inspect
import itertools
import math
import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.calls import call_value, evaluate_now
from torchassay.capture.rewrite.coerce import coerce
from torchassay.capture.rewrite.comparison import compare
from torchassay.capture.rewrite.conditions import test_value
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.expressions import attempt, binary, sampled
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.iteration import (
    Iteration,
    comprehension_list,
    enumerate_values,
    items_of,
    iteration_of,
    range_iteration,
    reversed_values,
    zip_values,
)
from torchassay.capture.rewrite.loops import loop_over
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Function,
    Method,
    Static,
    Struct,
    Value,
    call,
    expression,
    is_static,
    kind_of,
    name,
    sample_of,
    tuple_value,
)

Lowering = Callable[[Frame, list[Value], dict[str, Value]], Value]
FUNCTIONS: dict[Any, Lowering] = {}


def lowers(*functions: Any) -> Callable[[Lowering], Lowering]:
    def register(lowering: Lowering) -> Lowering:
        for function in functions:
            FUNCTIONS[function] = lowering
        return lowering

    return register


def listed(frame: Frame, value: Value) -> Value:
    """A value that can be passed where a list is wanted."""
    if isinstance(value, Iteration):
        return comprehension_list(frame, value)
    if isinstance(value, Struct) and value.kind is dict:
        return tuple_value([Static(key) for key in value.keys])
    if isinstance(value, Static) and not isinstance(value.data, (list, tuple, torch.Tensor)):
        items = items_of(frame, value)
        if items is not None:
            return Struct(list, list(range(len(items))), items)
    return value


def static_call(function: Any, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """The result where all arguments are fixed, None otherwise."""
    values = [*args, *kwargs.values()]
    if all(is_static(item) and not isinstance(sample_of(item), torch.Tensor) for item in values):
        return evaluate_now(function, args, kwargs)
    return None


@lowers(len)
def _len(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if isinstance(value, Static) and isinstance(value.data, torch.Tensor):
        return Static(len(value.data))
    if isinstance(value, Static):
        return Static(len(value.data))
    if isinstance(value, Struct):
        return Static(len(value.items))
    if isinstance(value, Iteration):
        return Dynamic(T.INT, value.length)
    sample = sample_of(value)
    found = MISSING if sample is MISSING else attempt(lambda: len(sample))
    if isinstance(value, Dynamic) and value.type.name == "Tuple":
        return Static(len(value.type.args))
    kind = kind_of(value)
    code = frame.code(value, T.bare(kind) if T.is_optional(kind) else None)
    return Dynamic(T.INT, call("len", code), found)


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


@lowers(str, repr, format)
def _str(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    from torchassay.capture.rewrite.texts import formatted

    found = static_call(str, args[:1], {}) if len(args) == 1 else None
    spec = str(sample_of(args[1])) if len(args) > 1 else ""
    if found is None and isinstance(args[0], Dynamic) and args[0].type == T.DEVICE:
        return sampled(call("str", args[0].code), attempt(lambda: str(sample_of(args[0]))), T.STR)
    return found if found is not None else formatted(frame, args[0], spec)


@lowers(abs, pow, divmod)
def _native(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    raise Refused("replaced by its own lowering")


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


@lowers(min, max)
def _unused(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    raise Refused("replaced by its own lowering")


def _extreme(label: str) -> Lowering:
    function = getattr(builtins, label)

    def lowering(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
        found = static_call(function, args, kwargs)
        if found is not None:
            return found
        if "key" in kwargs:
            return _extreme_by_key(frame, label, args, kwargs)
        items = items_of(frame, listed(frame, args[0])) if len(args) == 1 else list(args)
        if items is None:
            return _extreme_of_list(frame, label, listed(frame, args[0]), function)
        if all(kind_of(item) in T.NUMBERS for item in items):
            return _extreme_of_numbers(frame, label, items, function)
        return _extreme_of_values(frame, label, items)

    return lowering


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
    frame.emit_code(f"{target} = items[0]\nfor {target}_i in items:\n    if {target}_i {sign} {target}:\n"
                    f"        {target} = {target}_i", items=held.code)
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
        raise Refused(f"`{label}` with a key over a list of unknown length", "write the loop")
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


FUNCTIONS[min], FUNCTIONS[max] = _extreme("min"), _extreme("max")


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


FUNCTIONS[all], FUNCTIONS[any] = _quantifier(True), _quantifier(False)


@lowers(isinstance)
def _isinstance(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    kinds = sample_of(args[1]) if is_static(args[1]) else MISSING
    value = args[0]
    if isinstance(value, Struct) and isinstance(value.kind, type):
        wanted = kinds if isinstance(kinds, tuple) else (kinds,)
        return Static(any(issubclass(value.kind, kind) for kind in wanted if isinstance(kind, type)))
    if isinstance(value, (Function, Method)):
        return Static(False)
    if isinstance(value, Dynamic) and T.is_optional(value.type):
        inner = _sample_kind(T.bare(value.type), kinds)
        if not inner:
            return Static(False)
        return Dynamic(T.BOOL, ast.Compare(value.code, [ast.IsNot()], [ast.Constant(None)]))
    if isinstance(value, Dynamic) and not value.known:
        return Static(_sample_kind(value.type, kinds))
    return Static(isinstance(sample_of(value), kinds))


def _sample_kind(kind: T.Type, kinds: Any) -> bool:
    stands = {"Tensor": torch.Tensor, "?": torch.Tensor, "int": int, "float": float, "bool": bool, "str": str,
              "List": list, "Tuple": tuple, "Dict": dict}
    found = stands.get(kind.name)
    return found is not None and issubclass(found, kinds)


@lowers(hasattr)
def _hasattr(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    label = sample_of(args[1])
    if isinstance(args[0], Static) and isinstance(args[0].data, nn.Module):
        path = frame.spec.path_of(args[0].data)
        known = path is not None and frame.spec.state_type(path, label) is not None
        if known and not hasattr(args[0].data, label):
            raise Refused(f"`{label}` is created in `forward`", f"set `{label}` to None in `__init__`")
    if isinstance(args[0], Struct):
        return Static(label in args[0].keys or hasattr(args[0].kind, label))
    sample = sample_of(args[0])
    return Static(hasattr(sample if sample is not MISSING else torch.zeros(1), label))


@lowers(getattr)
def _getattr(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    from torchassay.capture.rewrite.attributes import attribute
    from torchassay.capture.rewrite.dispatch import choose

    if isinstance(args[1], Static):
        if len(args) > 2:
            present = _hasattr(frame, args[:2], {})
            return attribute(frame, args[0], args[1].data) if sample_of(present) else args[2]
        return attribute(frame, args[0], args[1].data)
    if isinstance(args[0], Static) and isinstance(args[0].data, nn.Module):
        options = [(label, Static(child)) for label, child in args[0].data.named_children()]
        return choose(frame, options, args[1])
    raise Refused("an attribute is chosen by a text known only at run time", "choose among submodules by `if`")


@lowers(setattr)
def _setattr(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    from torchassay.capture.rewrite.stores import store_attribute

    store_attribute(frame, args[0], str(sample_of(args[1])), args[2], name("self"))
    return Static(None)


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
    return zip_values(frame, args)


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
        from torchassay.capture.rewrite.methods import call_method

        held = frame.once(item)
        verdict = held if sample_of(args[0]) is None else call_value(frame, args[0], [held], {})
        test = test_value(frame, verdict)
        keep: Callable[[], Any] = lambda: call_method(frame, frame.env[target], "append", [held], {}) and None
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
    if "key" in kwargs:
        raise Refused("`sorted` with a key over values known only at run time", "use `torch.argsort`")
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


@lowers(print, id)
def _nothing(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Static(None)


@lowers(callable)
def _callable(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], (Function, Method)):
        return Static(True)
    return Static(callable(sample_of(args[0])))


@lowers(type)
def _type(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], Struct) and isinstance(args[0].kind, type):
        return Static(args[0].kind)
    sample = sample_of(args[0])
    return Static(type(sample) if sample is not MISSING else torch.Tensor)


@lowers(copy.copy, copy.deepcopy)
def _copy(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if isinstance(value, Dynamic) and T.is_tensor(value.type):
        return sampled(ast.Call(ast.Attribute(value.code, "clone", ast.Load()), [], []), value.sample, T.TENSOR)
    if isinstance(value, Static) and isinstance(value.data, nn.Module):
        raise Refused("a module is copied in `forward`", "copy it in `__init__`")
    if isinstance(value, Static):
        return Static(copy.deepcopy(value.data))
    if isinstance(value, Dynamic) and value.type.name in ("List", "Dict"):
        return Dynamic(value.type, ast.Call(ast.Attribute(value.code, "copy", ast.Load()), [], []), value.sample)
    return value


@lowers(itertools.chain)
def _chain_lists(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    rows = [items_of(frame, item) for item in args]
    if any(row is None for row in rows):
        raise Refused("`chain` over lists of unknown length", "add the lists")
    found = [item for row in rows for item in row or []]
    return Struct(list, list(range(len(found))), found)


@lowers(operator.itemgetter)
def _itemgetter(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(operator.itemgetter, args, kwargs)
    if found is None:
        raise Refused("`itemgetter` of a value known only at run time")
    return found


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


FUNCTIONS[__import__("functools").reduce] = _reduce

_OPERATORS: dict[Any, ast.operator] = {
    operator.add: ast.Add(), operator.sub: ast.Sub(), operator.mul: ast.Mult(), operator.truediv: ast.Div(),
    operator.floordiv: ast.FloorDiv(), operator.mod: ast.Mod(), operator.matmul: ast.MatMult(), operator.pow: ast.Pow(),
    operator.and_: ast.BitAnd(), operator.or_: ast.BitOr(),
}
for _function, _op in _OPERATORS.items():
    FUNCTIONS[_function] = lambda frame, args, kwargs, op=_op: binary(frame, op, args[0], args[1])
_COMPARISONS: dict[Any, ast.cmpop] = {
    operator.eq: ast.Eq(), operator.ne: ast.NotEq(), operator.lt: ast.Lt(), operator.le: ast.LtE(),
    operator.gt: ast.Gt(), operator.ge: ast.GtE(),
}
for _function, _cmp in _COMPARISONS.items():
    FUNCTIONS[_function] = lambda frame, args, kwargs, op=_cmp: compare(frame, op, args[0], args[1])


def call_class(frame: Frame, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """An object is made: containers and plain records are structures, others must be fixed."""
    if kind in (list, tuple, collections.deque, torch.Size):
        return _sequence_of(frame, kind, args, kwargs)
    if kind in (dict, collections.OrderedDict):
        return _dict_of(frame, args, kwargs)
    if kind in (set, frozenset):
        return _set_of(frame, args)
    if kind is collections.defaultdict:
        raise Refused("TorchScript has no `defaultdict`", "use a dict and test for the key")
    record = _record(frame, kind, args, kwargs)
    if record is not None:
        return record
    from torchassay.capture.rewrite.torch_calls import call_torch_class

    found = call_torch_class(frame, kind, args, kwargs)
    if found is not None:
        return found
    if all(is_static(item) for item in (*args, *kwargs.values())) and not issubclass(kind, nn.Module):
        return evaluate_now(kind, args, kwargs)
    raise Refused(f"a `{kind.__name__}` is made in `forward`", "make it in `__init__`")


def _sequence_of(frame: Frame, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if kind is collections.deque and ("maxlen" in kwargs or len(args) > 1):
        raise Refused("a bounded `deque` is made in `forward`", "use a list and drop its first item")
    form = tuple if kind in (tuple, torch.Size) else list
    if not args:
        return Struct(form, [], [])
    items = items_of(frame, args[0])
    if items is not None:
        return Struct(form, list(range(len(items))), items)
    value = listed(frame, args[0])
    if isinstance(value, Dynamic) and value.type.name == "Dict":
        return comprehension_list(frame, iteration_of(frame, value))
    if isinstance(value, Dynamic) and T.is_tensor(value.type):
        return sampled(call("torch.unbind", value.code), attempt(lambda: list(value.sample)), T.list_of(T.TENSOR))
    if isinstance(value, Dynamic) and value.type.name == "List":
        copied = value if form is tuple else Dynamic(value.type, expression("x[:]", x=value.code), value.sample)
        return copied
    if isinstance(value, Dynamic) and value.type == T.STR:
        return Dynamic(T.list_of(T.STR), call("list", value.code), attempt(lambda: list(value.sample)))
    return value


def _set_of(frame: Frame, args: list[Value]) -> Value:
    """A set as a list without repetitions: TorchScript has none."""
    if not args:
        return Dynamic(T.list_of(T.UNKNOWN), ast.List([], ast.Load()), set())
    found = static_call(set, args, {})
    if found is not None:
        return found
    value = listed(frame, args[0])
    if isinstance(value, Struct):
        value = frame.container(Struct(list, list(range(len(value.items))), value.items)) or value
    known = {"int": "_distinct_integers", "str": "_distinct_texts", "float": "_distinct_numbers"}
    label = known.get(value.type.args[0].name) if isinstance(value, Dynamic) and value.type.name == "List" else None
    if label is None or not isinstance(value, Dynamic):
        raise Refused("TorchScript has no sets", "use `torch.unique`, or a list without repetitions")
    frame.spec.helpers.add(label)
    return Dynamic(value.type, call(label, value.code), attempt(lambda: set(value.sample)) if value.known else MISSING)


def _dict_of(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    keys, items = list(kwargs), list(kwargs.values())
    if args:
        base = frame.spec.unpack(args[0]) if isinstance(args[0], Static) else args[0]
        if isinstance(base, Struct) and base.kind is dict:
            merged = {**dict(zip(base.keys, base.items, strict=True)), **kwargs}
            return Struct(dict, list(merged), list(merged.values()))
        if isinstance(base, Dynamic) and base.type.name == "Dict" and not kwargs:
            return Dynamic(base.type, ast.Call(ast.Attribute(base.code, "copy", ast.Load()), [], []), base.sample)
        rows = items_of(frame, listed(frame, args[0]))
        pairs = [items_of(frame, row) for row in rows or []]
        if rows is None or any(pair is None or len(pair) != 2 or not is_static(pair[0]) for pair in pairs):
            raise Refused("a dict is made from keys known only at run time", "fill it in a loop")
        keys = [sample_of(pair[0]) for pair in pairs if pair] + keys
        items = [pair[1] for pair in pairs if pair] + items
    return Struct(dict, keys, items)


def _record(frame: Frame, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A named tuple, a data class, or a mapping class with fields, as `transformers` returns them."""
    if all(is_static(item) for item in (*args, *kwargs.values())) and not _is_named(kind):
        return None
    if _is_named(kind):
        signature = inspect.signature(kind)
        bound = signature.bind(*args, **kwargs)
        fields = list(kind._fields)  # type: ignore[attr-defined]
        defaults = getattr(kind, "_field_defaults", {})
        return Struct(kind, fields, [bound.arguments.get(f, Static(defaults.get(f))) for f in fields])
    if dataclasses.is_dataclass(kind):
        return _data_class(frame, kind, args, kwargs)
    return None


def _is_named(kind: type) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _data_class(frame: Frame, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    fields = dataclasses.fields(kind)
    given = dict(zip([field.name for field in fields], args, strict=False)) | kwargs
    items: list[Value] = []
    for field in fields:
        if field.name in given:
            items.append(given[field.name])
        elif field.default is not dataclasses.MISSING:
            items.append(Static(field.default))
        elif field.default_factory is not dataclasses.MISSING:
            items.append(Static(field.default_factory()))
        else:
            raise Refused(f"a `{kind.__name__}` is made without `{field.name}`")
    if issubclass(kind, collections.OrderedDict):
        present = [(f.name, item) for f, item in zip(fields, items, strict=True)
                   if not (isinstance(item, Static) and item.data is None)]
        return Struct(kind, [key for key, _ in present], [item for _, item in present])
    return Struct(kind, [field.name for field in fields], items)


FUNCTIONS[list] = lambda frame, args, kwargs: _sequence_of(frame, list, args, kwargs)

__all__ = ["FUNCTIONS", "call_class", "coerce", "product"]
