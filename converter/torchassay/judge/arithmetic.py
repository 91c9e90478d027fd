"""Sizes as Python computes with them: the operators that the tracer records for arithmetic between integers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

Number = bool | int | float


def _scaled(combine: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """`add` and `sub` carry a factor for the second operand."""
    return lambda left, right, factor=1: combine(left, right if factor == 1 else right * factor)


def _divided(left: Any, right: Any, rounding: str | None = None) -> Any:
    if rounding is None:
        return left / right
    if rounding == "floor":
        return left // right
    raise NotImplementedError(rounding)


_INT64, _FLOAT64 = 4, 7  # as a graph writes element types


def _converted(value: Any, *how: Any) -> Any:
    """Only to the types that hold what Python holds."""
    wanted = next((each for each in how if type(each) is int), None)
    if wanted is None or (wanted == _INT64 and type(value) is int):
        return value
    if wanted == _FLOAT64:
        return float(value)
    raise NotImplementedError(wanted)


def _logical(combine: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        if not isinstance(left, bool) or not isinstance(right, bool):
            raise NotImplementedError
        return combine(left, right)

    return apply


_SAME: Callable[[Any], Any] = lambda value: value  # noqa: E731
ARITHMETIC: dict[str, Callable[..., Any]] = {
    "prim::NumToTensor": _SAME,
    "aten::detach": _SAME,
    "aten::clone": lambda value, memory_format=None: value,
    "aten::to": _converted,
    "aten::Int": int,
    "aten::IntImplicit": _SAME,
    "aten::ScalarImplicit": _SAME,
    "aten::Bool": bool,
    "aten::add": _scaled(operator.add),
    "aten::sub": _scaled(operator.sub),
    "aten::rsub": _scaled(lambda left, right: right - left),
    "aten::mul": operator.mul,
    "aten::div": _divided,
    "aten::floor_divide": operator.floordiv,
    "aten::remainder": operator.mod,
    "aten::neg": operator.neg,
    "aten::abs": abs,
    "aten::gt": operator.gt,
    "aten::ge": operator.ge,
    "aten::lt": operator.lt,
    "aten::le": operator.le,
    "aten::eq": operator.eq,
    "aten::ne": operator.ne,
    "aten::__and__": _logical(operator.and_),
    "aten::__or__": _logical(operator.or_),
    "aten::bitwise_and": _logical(operator.and_),
    "aten::bitwise_or": _logical(operator.or_),
}


def is_number(value: object) -> bool:
    return isinstance(value, bool | int | float)
