"""Gives all return statements of a generated method one type."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.branches import fixed, numbered, storable
from torchassay.capture.rewrite.results import result_code
from torchassay.capture.rewrite.sameness import same
from torchassay.capture.rewrite.transport import Carrier
from torchassay.capture.rewrite.values import MISSING, Choice, Dynamic, Static, Struct, Value, kind_of, name, sample_of

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def settle_returns(frame: Frame) -> tuple[Value | None, Carrier | None, T.Type | None]:
    """The result as a caller sees it, the parts of it that are dynamic, and the method's return type."""
    if not frame.returns:
        return None, None, None
    values = [value for _, value in frame.returns]
    if all(isinstance(value, Static) and same(value, values[0]) for value in values):
        for node, _ in frame.returns:
            node.value = None
        return values[0], Carrier(), None
    if any(not storable(value) for value in values) and all(fixed(value) for value in values):
        return _chosen(frame, values)
    if all(_alike(value, values[0]) for value in values) and isinstance(values[0], Struct):
        return _structured(frame, [value for value in values if isinstance(value, Struct)])
    return _plain(frame, values)


def _alike(one: Value, two: Value) -> bool:
    if isinstance(one, Struct) and isinstance(two, Struct):
        same_form = one.kind is two.kind and one.keys == two.keys
        return same_form and all(_alike(a, b) for a, b in zip(one.items, two.items, strict=True))
    if isinstance(one, Struct) or isinstance(two, Struct):
        return False
    plain = isinstance(one, (Static, Dynamic)) and isinstance(two, (Static, Dynamic))
    return plain and (same(one, two) or T.join(kind_of(one), kind_of(two)) not in (None, T.UNKNOWN))


def _structured(frame: Frame, values: list[Struct]) -> tuple[Value, Carrier, T.Type | None]:
    """A fixed structure: its dynamic parts travel in a tuple, the caller puts them together again."""
    carrier = Carrier()
    joined = _joined(values)
    result = carrier.carry(joined, "out")
    kinds = [kind for _, kind in carrier.parameters]
    for (node, _), value in zip(frame.returns, values, strict=True):
        parts = _dynamic_parts(joined, value)
        codes = [frame.code(part, kind) for part, kind in zip(parts, kinds, strict=True)]
        node.value = None if not codes else codes[0] if len(codes) == 1 else ast.Tuple(codes, ast.Load())
    kind = None if not kinds else kinds[0] if len(kinds) == 1 else T.tuple_of(kinds)
    return result, carrier, kind


def _joined(values: list[Struct]) -> Struct:
    items: list[Value] = []
    for parts in zip(*(value.items for value in values), strict=True):
        if all(isinstance(part, Struct) for part in parts):
            items.append(_joined([part for part in parts if isinstance(part, Struct)]))
        elif all(same(part, parts[0]) for part in parts) and not isinstance(parts[0], Dynamic):
            items.append(parts[0])
        else:
            items.append(Dynamic(T.join_all([kind_of(part) for part in parts]), name("_"), _sample(list(parts))))
    return Struct(values[0].kind, list(values[0].keys), items)


def _dynamic_parts(shape: Value, value: Value) -> list[Value]:
    if isinstance(shape, Struct) and isinstance(value, Struct):
        return [part for a, b in zip(shape.items, value.items, strict=True) for part in _dynamic_parts(a, b)]
    return [value] if isinstance(shape, Dynamic) else []


def _chosen(frame: Frame, values: list[Value]) -> tuple[Value, Carrier, T.Type]:
    """Functions and other objects that no variable holds: the method returns the number of the one it means."""
    options: list[Value] = []
    for (node, _), value in zip(frame.returns, values, strict=True):
        base = len(options)
        options += value.options if isinstance(value, Choice) else [value]
        node.value = _number(value, base)
    carrier = Carrier()
    which = carrier.carry(Dynamic(T.INT, name("_"), 0), "which")
    assert isinstance(which, Dynamic)
    return numbered(which.code, options), carrier, T.INT


def _number(value: Value, base: int) -> ast.expr:
    """The number of the option that a value is, as an expression."""
    if not isinstance(value, Choice):
        return ast.Constant(base)
    code: ast.expr = ast.Constant(base + len(value.options) - 1)
    for number in reversed(range(len(value.options) - 1)):
        code = ast.IfExp(value.tests[number](), ast.Constant(base + number), code)
    return code


def _plain(frame: Frame, values: list[Value]) -> tuple[Value, Carrier | None, T.Type | None]:
    kind = T.NEVER
    for value in values:
        joined = T.join(kind, kind_of(value))
        if joined is None or T.ANY in (joined, *joined.args):
            return _union(frame, values)
        kind = joined
    for node, value in frame.returns:
        node.value = frame.code(value, kind)
    return Dynamic(kind, name("_"), _sample(values)), None, kind


def _union(frame: Frame, values: list[Value]) -> tuple[Value, Carrier | None, T.Type | None]:
    """Returns of different types: TorchScript can say so, as long as nobody but the caller of the model looks."""
    made = [result_code(frame, value) for value in values]
    kinds = list(dict.fromkeys(kind for _, kind in made))
    for (node, _), (code, _) in zip(frame.returns, made, strict=True):
        node.value = code
    kind = kinds[0] if len(kinds) == 1 else T.Type("Union", tuple(kinds))
    return Dynamic(kind, name("_"), _sample(values)), None, kind


def _sample(values: list[Value]) -> object:
    found = [sample_of(value) for value in values]
    return next((item for item in found if item is not MISSING and item is not None), found[0])
