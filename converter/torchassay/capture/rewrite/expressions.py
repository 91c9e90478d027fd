"""Expressions: each is evaluated as far as it is known, and written down as far as it is not."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.coerce import coerce
from torchassay.capture.rewrite.conditions import test_of, test_value
from torchassay.capture.rewrite.dispatch import dispatch, settle_choice
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.protocols import binary_protocol
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Function,
    Static,
    Struct,
    Value,
    call,
    expression,
    is_static,
    kind_of,
    name,
    plain,
    sample_of,
    tuple_value,
)

Handler = Callable[[Frame, Any], Value]
HANDLERS: dict[type, Handler] = {}


def handles(*kinds: type) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        for kind in kinds:
            HANDLERS[kind] = function
        return function

    return register


def evaluate(frame: Frame, node: ast.expr) -> Value:
    """The value of an expression; statements that it needs are written to the frame."""
    handler = HANDLERS.get(type(node))
    if handler is None:
        raise Refused(f"TorchScript has no `{type(node).__name__}`", "write it with simpler statements")
    return handler(frame, node)


def attempt(function: Callable[[], Any]) -> Any:
    """A sample computed on recorded values; MISSING when it cannot be."""
    try:
        with torch.no_grad():
            return function()
    except Exception:  # whatever a user's values make an operator raise
        return MISSING


def sampled(code: ast.expr, sample: Any, kind: T.Type | None = None) -> Dynamic:
    """A dynamic value whose type follows from its sample."""
    found = kind or (T.UNKNOWN if sample is MISSING else T.type_of(sample))
    return Dynamic(found, code, sample)


@handles(ast.Constant)
def _constant(frame: Frame, node: ast.Constant) -> Value:
    return Static(node.value)


@handles(ast.Name)
def _name(frame: Frame, node: ast.Name) -> Value:
    value = frame.find(node.id)
    if value is None:
        raise Refused(f"`{node.id}` has no value on some path to this line", f"give `{node.id}` a value first")
    if isinstance(value, Static) and isinstance(value.data, (dict, list)):
        value = frame.spec.shared_value(frame, value.data) or value
    return refine(frame, value)


def refine(frame: Frame, value: Value) -> Value:
    """The value with what the tests on the way here told about it."""
    if not isinstance(value, Dynamic) or value.place not in frame.refined:
        return value
    kind = frame.refined[value.place]
    if kind == T.NONE:
        return Static(None)
    if T.is_optional(value.type) and not T.is_optional(kind):
        sample = MISSING if value.sample is None else value.sample
        return Dynamic(kind, call("torch.jit._unwrap_optional", value.code), sample, value.place)
    return value


@handles(ast.Tuple)
def _tuple(frame: Frame, node: ast.Tuple) -> Value:
    return tuple_value(sequence(frame, node.elts))


@handles(ast.List)
def _list(frame: Frame, node: ast.List) -> Value:
    items = sequence(frame, node.elts)
    if items:
        return Struct(list, list(range(len(items))), items)
    origin = (frame.file, node.lineno, node.col_offset) if hasattr(node, "lineno") else None
    kind = frame.spec.facts.empty.get(origin) if origin else None
    if kind is None:
        return Struct(list, [], [], origin)
    return Dynamic(T.list_of(kind), expression(f"torch.jit.annotate({T.spell(T.list_of(kind))}, [])"), [])


@handles(ast.Set)
def _set(frame: Frame, node: ast.Set) -> Value:
    items = sequence(frame, node.elts)
    if all(isinstance(item, Static) for item in items):
        return Static({item.data for item in items if isinstance(item, Static)})
    raise Refused("TorchScript has no sets", "use a list or a dict")


def in_order(frame: Frame, nodes: list[ast.expr]) -> list[Value]:
    """The values of operands, each as it is when Python evaluates it: a later one may change what an earlier one reads."""
    found: list[Value] = []
    for node in nodes:
        mark = len(frame.out)
        value = evaluate(frame, node)
        found = [frame.pinned(earlier, mark) for earlier in found]
        found.append(value)
    return found


def sequence(frame: Frame, nodes: list[ast.expr]) -> list[Value]:
    """The values of several expressions, `*` ones opened."""
    from torchassay.capture.rewrite.iteration import items_of

    found: list[Value] = []
    for node in nodes:
        mark = len(frame.out)
        if isinstance(node, ast.Starred):
            items = items_of(frame, evaluate(frame, node.value))
            if items is None:
                raise Refused("TorchScript cannot expand a list of unknown length with `*`", "pass the list itself")
        else:
            items = [evaluate(frame, node)]
        found = [*(frame.pinned(earlier, mark) for earlier in found), *items]
    return found


@handles(ast.Dict)
def _dict(frame: Frame, node: ast.Dict) -> Value:
    keys: list[Any] = []
    items: list[Value] = []
    for key, item in zip(node.keys, node.values, strict=True):
        mark = len(frame.out)
        value = evaluate(frame, item)
        items = [frame.pinned(earlier, mark) for earlier in items]
        if key is None:
            opened = frame.spec.unpack(value) if isinstance(value, Static) else value
            if not isinstance(opened, Struct) or opened.kind is not dict:
                raise Refused("`**` of a dict that is known only at run time", "name the keys")
            keys += opened.keys
            items += opened.items
            continue
        found = evaluate(frame, key)
        if not is_static(found):
            return _open_dict(frame, node)
        keys.append(sample_of(found))
        items.append(value)
    last = dict(zip(keys, items, strict=True))
    return Struct(dict, list(last), list(last.values()))


def _open_dict(frame: Frame, node: ast.Dict) -> Value:
    """A dict display with keys that are computed: a real dict."""
    pairs = [(evaluate(frame, key), evaluate(frame, item)) for key, item in zip(node.keys, node.values, strict=True) if key]
    kinds = T.join_all([kind_of(key) for key, _ in pairs]), T.join_all([kind_of(item) for _, item in pairs])
    codes = [frame.code(key, kinds[0]) for key, _ in pairs]
    values = [frame.code(item, kinds[1]) for _, item in pairs]
    samples = [(sample_of(key), sample_of(item)) for key, item in pairs]
    sample = attempt(lambda: dict(samples))
    return Dynamic(T.dict_of(*kinds), ast.Dict(list(codes), values), sample)


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
    left, right = _settled(frame, left), _settled(frame, right)
    if isinstance(left, Static) and isinstance(right, Static) and not _holds_tensor(left, right):
        return Static(BINARY[type(op)](left.data, right.data))
    own = binary_protocol(frame, op, left, right)
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


def _sequences(frame: Frame, op: ast.operator, left: Value, right: Value) -> Value | None:
    """Concatenation and repetition of sequences whose structure is known."""
    one, two = (frame.spec.unpack(item) if isinstance(item, Static) else item for item in (left, right))
    if isinstance(op, ast.Add) and isinstance(one, Struct) and isinstance(two, Struct):
        items = [*one.items, *two.items]
        return Struct(one.kind, list(range(len(items))), items)
    if isinstance(op, ast.Add) and isinstance(one, Static) and isinstance(one.data, tuple) and isinstance(two, Struct):
        return tuple_value([*[Static(item) for item in one.data], *two.items])
    if isinstance(op, ast.Add) and isinstance(two, Static) and isinstance(two.data, tuple) and isinstance(one, Struct):
        return tuple_value([*one.items, *[Static(item) for item in two.data]])
    if isinstance(op, ast.BitOr) and isinstance(one, Struct) and isinstance(two, Struct) and one.kind is dict:
        merged = {**dict(zip(one.keys, one.items, strict=True)), **dict(zip(two.keys, two.items, strict=True))}
        return Struct(dict, list(merged), list(merged.values()))
    if isinstance(op, ast.Mult) and isinstance(one, Struct) and isinstance(two, Static):
        held = [frame.once(item) for item in one.items] * int(two.data)
        return Struct(one.kind, list(range(len(held))), held)
    return None


@handles(ast.Compare)
def _compare(frame: Frame, node: ast.Compare) -> Value:
    from torchassay.capture.rewrite.comparison import compare

    if len(node.ops) == 1:
        if isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            test = test_of(frame, node)
            return Static(test.known) if test.known is not None else sampled(test.code, test.taken, T.BOOL)
        left, right = in_order(frame, [node.left, node.comparators[0]])
        return compare(frame, node.ops[0], left, right)
    values = [frame.once(evaluate(frame, item)) for item in (node.left, *node.comparators)]
    found: Value = compare(frame, node.ops[0], values[0], values[1])
    for number, op in enumerate(node.ops[1:], 1):
        test = test_value(frame, found)
        if test.known is False:
            return Static(False)
        later = compare(frame, op, values[number], values[number + 1])
        if test.known is True:
            found = later
            continue
        other = test_value(frame, later)
        taken = bool(test.taken and other.taken) if None not in (test.taken, other.taken) else MISSING
        found = Dynamic(T.BOOL, ast.BoolOp(ast.And(), [test.code, other.code]), taken)
    return found


@handles(ast.Attribute)
def _attribute(frame: Frame, node: ast.Attribute) -> Value:
    from torchassay.capture.rewrite.attributes import attribute

    return attribute(frame, evaluate(frame, node.value), node.attr)


@handles(ast.Subscript)
def _subscript(frame: Frame, node: ast.Subscript) -> Value:
    from torchassay.capture.rewrite.subscripts import subscript

    return subscript(frame, evaluate(frame, node.value), evaluate(frame, node.slice))


@handles(ast.Slice)
def _slice(frame: Frame, node: ast.Slice) -> Value:
    parts = [Static(None) if part is None else evaluate(frame, part) for part in (node.lower, node.upper, node.step)]
    if all(isinstance(part, Static) for part in parts):
        return Static(slice(*[plain(part.data) for part in parts if isinstance(part, Static)]))
    return Struct(slice, ["start", "stop", "step"], parts)


@handles(ast.Call)
def _call(frame: Frame, node: ast.Call) -> Value:
    from torchassay.capture.rewrite.calls import call_node

    return call_node(frame, node)


@handles(ast.JoinedStr)
def _joined(frame: Frame, node: ast.JoinedStr) -> Value:
    from torchassay.capture.rewrite.texts import joined_text

    return joined_text(frame, node)


@handles(ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)
def _comprehension(frame: Frame, node: Any) -> Value:
    from torchassay.capture.rewrite.iteration import comprehension

    return comprehension(frame, node)


@handles(ast.Starred)
def _starred(frame: Frame, node: ast.Starred) -> Value:
    raise Refused("TorchScript cannot expand `*` here", "pass the items one by one")


__all__ = ["attempt", "evaluate", "name", "sampled"]
