"""Functions of `math`, and of NumPy where they stand for those."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.arrays import numpy_call
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.samples import attempt
from torchassay.capture.rewrite.table import FUNCTIONS, static_call
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Value,
    call,
    kind_of,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def numpy_function(frame: Frame, function: Any, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(function, args, kwargs)
    if found is not None:
        return found
    if label in ("prod", "sum", "max", "min") and len(args) == 1 and kind_of(args[0]) == T.list_of(T.INT):
        known = {"prod": math.prod, "sum": sum, "max": max, "min": min}
        return FUNCTIONS[known[label]](frame, args, kwargs)
    if label in ("sqrt", "exp", "log", "floor", "ceil", "log2", "power", "abs") and kind_of(args[0]) in T.NUMBERS:
        scalar = {"power": "pow", "abs": "fabs"}.get(label, label)
        return math_call(frame, getattr(math, scalar), scalar, args, kwargs)
    return numpy_call(frame, label, args, kwargs)


_MATH_NATIVE = frozenset(
    [
        "ceil",
        "floor",
        "sqrt",
        "exp",
        "log",
        "log10",
        "log1p",
        "expm1",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sinh",
        "cosh",
        "tanh",
        "pow",
        "fabs",
        "isnan",
        "isinf",
        "gcd",
        "fmod",
        "hypot",
        "degrees",
        "radians",
        "copysign",
        "factorial",
        "erf",
        "erfc",
        "gamma",
        "lgamma",
        "trunc",
        "ldexp",
        "modf",
    ]
)


_MATH_HELPERS = {"log2": "_log2", "isfinite": "_is_finite"}


_MATH_WHOLE = frozenset(("gcd", "factorial"))


def math_call(frame: Frame, function: Any, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(function, args, kwargs)
    if found is not None:
        return found
    samples = [sample_of(item) for item in args]
    known = not any(item is MISSING for item in samples)
    sample = attempt(lambda: function(*samples)) if known else MISSING
    kind = T.INT if label in _MATH_WHOLE | {"ceil", "floor", "trunc"} else T.BOOL if label.startswith("is") else T.FLOAT
    codes = [frame.code(item) for item in args]
    if label not in _MATH_WHOLE:
        codes = [code if kind_of(item) == T.FLOAT else call("float", code) for code, item in zip(codes, args, strict=True)]
    if label == "trunc":
        return Dynamic(T.INT, call("int", codes[0]), sample)
    if label in _MATH_HELPERS:
        frame.spec.helpers.add(_MATH_HELPERS[label])
        return Dynamic(kind, call(_MATH_HELPERS[label], *codes), sample)
    if label not in _MATH_NATIVE:
        raise Refused(f"`math.{label}` does not exist in TorchScript", "use the torch operator that does the same")
    code: ast.expr = call(f"math.{label}", *codes)
    return Dynamic(kind, code, sample)
