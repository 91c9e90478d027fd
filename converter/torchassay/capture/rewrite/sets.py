"""Sets: lists without repetitions whose sample is a set, since TorchScript has none."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import library
from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.samples import attempt
from torchassay.capture.rewrite.values import Dynamic, Static, Struct, Value, call, sample_of

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

_DISTINCT = {"int": "_distinct_integers", "str": "_distinct_texts", "float": "_distinct_numbers"}
_OPERATORS: dict[type, Any] = {
    ast.BitOr: library.united,
    ast.BitAnd: library.common,
    ast.Sub: library.without,
    ast.BitXor: library.unshared,
}
_ORDER: dict[type, Any] = {
    ast.Eq: library.equal_sets,
    ast.NotEq: library.unequal_sets,
    ast.LtE: library.within,
    ast.Lt: library.strictly_within,
    ast.GtE: library.covers,
    ast.Gt: library.strictly_covers,
}


def is_set(value: Value) -> bool:
    """Whether a value is a set, fixed or not."""
    if isinstance(value, Dynamic) and value.type.name != "List":
        return False
    return isinstance(value, (Static, Dynamic)) and isinstance(sample_of(value), (set, frozenset))


def set_of(frame: Frame, value: Value) -> Value:
    """The items of a list, each where it was met first."""
    if isinstance(value, Struct):
        value = frame.container(Struct(list, list(range(len(value.items))), value.items)) or value
    if isinstance(value, Dynamic) and value.type == T.list_of(T.BOOL):
        value = Dynamic(T.list_of(T.INT), ast.ListComp(call("int", ast.Name("v", ast.Load())), [_each(value.code)]), value.sample)
    label = _DISTINCT.get(value.type.args[0].name) if isinstance(value, Dynamic) and value.type.name == "List" else None
    if label is None or not isinstance(value, Dynamic):
        raise Refused("TorchScript has no sets", "use `torch.unique`, or a list without repetitions")
    frame.spec.helpers.add(label)
    return Dynamic(value.type, call(label, value.code), _sample(value))


def _each(code: ast.expr) -> ast.comprehension:
    return ast.comprehension(ast.Name("v", ast.Store()), code, [], 0)


def _sample(value: Dynamic) -> set[Any]:
    found = attempt(lambda: set(value.sample)) if value.known else set()
    return found if isinstance(found, set) else set()


def _opened(frame: Frame, value: Value) -> Value:
    """The items of a set as a plain list: in what follows their order does not matter."""
    if isinstance(value, Dynamic):
        held = frame.once(value)
        assert isinstance(held, Dynamic)
        return Dynamic(held.type, held.code, attempt(lambda: list(held.sample)))
    assert isinstance(value, Static)
    items = [Static(item) for item in value.data]
    listed = frame.container(Struct(list, list(range(len(items))), list(items)))
    if listed is None or not items:
        raise Refused("this set cannot be stored in TorchScript", "use a list of numbers or texts")
    return frame.temp(listed)


def of_two(frame: Frame, function: Any, left: Value, right: Value) -> Value:
    """What a function of the library gives for two sets."""
    found = frame.spec.specialise(function, {"left": _opened(frame, left), "right": _opened(frame, right)}, frame)
    if isinstance(found, Dynamic) and found.type.name == "List":
        return Dynamic(found.type, found.code, _sample(found))
    return found


def set_operator(frame: Frame, op: ast.operator | ast.cmpop, left: Value, right: Value) -> Value | None:
    """`left | right`, `left <= right` and their like; None where these are no sets."""
    function = _OPERATORS.get(type(op)) or _ORDER.get(type(op))
    if function is None or not (is_set(left) and is_set(right)) or (isinstance(left, Static) and isinstance(right, Static)):
        return None
    return of_two(frame, function, left, right)


def in_order(frame: Frame, value: Dynamic) -> Dynamic:
    """A set as the list of its items in the order in which Python loops over them."""
    if not is_set(value) or value.type.args[0] != T.INT:
        return value
    frame.spec.helpers.add("_set_order")
    return Dynamic(value.type, call("_set_order", value.code), attempt(lambda: list(value.sample)))
