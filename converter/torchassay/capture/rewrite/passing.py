"""Arguments to parameters, as Python does it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Struct,
    Value,
    tuple_value,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


class Spread(Value):
    """A `*` argument of unknown length."""

    def __init__(self, value: Dynamic) -> None:
        self.value = value


def expanded(frame: Frame, args: list[Value], wanted: int) -> list[Value]:
    """`*` of a list of unknown length where `wanted` arguments are expected: as many items as are missing, no more."""
    spread = next((item for item in args if isinstance(item, Spread)), None)
    if spread is None or sum(isinstance(item, Spread) for item in args) > 1:
        return args
    count = wanted - len(args) + 1
    held = frame.once(spread.value)
    if count < 0 or not isinstance(held, Dynamic):
        return args
    frame.emit_code(f"assert len(x) == {count}, 'wrong number of arguments'", x=held.code)
    items = [
        Dynamic(held.type.args[0], ast.Subscript(held.code, ast.Constant(number), ast.Load()), item_sample(held, number))
        for number in range(count)
    ]
    where = next(number for number, item in enumerate(args) if item is spread)
    return [*args[:where], *items, *args[where + 1 :]]


def item_sample(value: Dynamic, number: int) -> object:
    """The sample of an item, MISSING where there is none."""
    try:
        return value.sample[number] if value.known else MISSING
    except (IndexError, TypeError):
        return MISSING


def bind(
    spec: ast.arguments,
    args: list[Value],
    kwargs: dict[str, Value],
    defaults: list[Value],
    keyword_defaults: dict[str, Value],
) -> dict[str, Value]:
    """Arguments to parameters, as Python does it."""
    positional = [item.arg for item in (*spec.posonlyargs, *spec.args)]
    spread = next((item for item in args if isinstance(item, Spread)), None)
    if spread is not None and (spec.vararg is None or len(args) != len(positional) + 1 or args[-1] is not spread):
        raise Refused("a list of unknown length is expanded with `*`", "pass the list itself")
    bound: dict[str, Value] = dict(zip(positional, args, strict=False))
    rest = args[len(positional) :]
    if rest and spec.vararg is None:
        raise Refused("a function is called with too many arguments")
    extra = dict(kwargs)
    for text in (*positional, *(item.arg for item in spec.kwonlyargs)):
        if text in extra and text not in bound:
            bound[text] = extra.pop(text)
    for text, value in zip(reversed(positional), reversed(defaults), strict=False):
        bound.setdefault(text, value)
    for text, value in keyword_defaults.items():
        bound.setdefault(text, value)
    missing = [text for text in (*positional, *(item.arg for item in spec.kwonlyargs)) if text not in bound]
    if missing or (extra and spec.kwarg is None):
        raise Refused(f"a function is called without `{missing[0]}`" if missing else "unexpected keyword argument")
    if spec.vararg is not None:
        bound[spec.vararg.arg] = tuple_value(rest) if spread is None else spread.value
    if spec.kwarg is not None:
        bound[spec.kwarg.arg] = Struct(dict, list(extra), list(extra.values()))
    return bound
