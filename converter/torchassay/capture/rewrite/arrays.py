"""NumPy on arrays that come out of tensors: the torch operators that do the same."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.operands import argument
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Static,
    Value,
    expression,
    is_static,
    sample_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame

UNARY = {
    "abs": "torch.abs(x)",
    "absolute": "torch.abs(x)",
    "sqrt": "torch.sqrt(x)",
    "exp": "torch.exp(x)",
    "log": "torch.log(x)",
    "sin": "torch.sin(x)",
    "cos": "torch.cos(x)",
    "tanh": "torch.tanh(x)",
    "sign": "torch.sign(x)",
    "floor": "torch.floor(x)",
    "ceil": "torch.ceil(x)",
    "square": "torch.square(x)",
    "isnan": "torch.isnan(x)",
    "isfinite": "torch.isfinite(x)",
    "round": "torch.round(x)",
    "asarray": "x",
    "array": "x.clone()",
    "copy": "x.clone()",
    "ascontiguousarray": "x.contiguous()",
    "squeeze": "x.squeeze()",
    "ravel": "x.reshape(-1)",
    "transpose": "x.transpose(0, 1)",
    "zeros_like": "torch.zeros_like(x)",
    "ones_like": "torch.ones_like(x)",
}
REDUCTIONS = {
    "sum": ("x.sum()", "x.sum(d)"),
    "mean": ("x.mean()", "x.mean(d)"),
    "max": ("x.max()", "x.amax(d)"),
    "amax": ("x.max()", "x.amax(d)"),
    "min": ("x.min()", "x.amin(d)"),
    "amin": ("x.min()", "x.amin(d)"),
    "prod": ("x.prod()", "x.prod(d)"),
    "argmax": ("x.argmax()", "x.argmax(d)"),
    "argmin": ("x.argmin()", "x.argmin(d)"),
    "std": ("x.std(unbiased=False)", "x.std(d, unbiased=False)"),
    "var": ("x.var(unbiased=False)", "x.var(d, unbiased=False)"),
    "any": ("x.any()", "x.any(d)"),
    "all": ("x.all()", "x.all(d)"),
    "median": ("x.quantile(0.5)", "x.quantile(0.5, d)"),
    "count_nonzero": ("torch.count_nonzero(x)", "torch.count_nonzero(x, d)"),
    "cumsum": ("x.reshape(-1).cumsum(0)", "x.cumsum(d)"),
    "sort": ("torch.sort(x)[0]", "torch.sort(x, d)[0]"),
    "argsort": ("torch.argsort(x)", "torch.argsort(x, d)"),
}
BINARY = {
    "maximum": "torch.maximum(x, y)",
    "minimum": "torch.minimum(x, y)",
    "dot": "torch.matmul(x, y)",
    "matmul": "torch.matmul(x, y)",
    "power": "torch.pow(x, y)",
}
MAKERS = {
    "arange": ("torch.arange(a, dtype=t)", "torch.arange(a, b, dtype=t)", "torch.arange(a, b, c, dtype=t)"),
    "linspace": (None, None, "torch.linspace(a, b, c, dtype=t)"),
    "zeros": ("torch.zeros(a, dtype=t)",),
    "ones": ("torch.ones(a, dtype=t)",),
    "full": (None, "torch.full(a, b, dtype=t)"),
    "eye": ("torch.eye(a, dtype=t)",),
}
_TYPES = frozenset(("float16", "float32", "float64", "uint8", "int32", "int64", "bool"))
METHODS = frozenset(
    (
        "sum",
        "mean",
        "max",
        "min",
        "prod",
        "argmax",
        "argmin",
        "std",
        "var",
        "any",
        "all",
        "cumsum",
        "argsort",
        "round",
        "squeeze",
        "ravel",
        "copy",
    )
)


def array_method(frame: Frame, owner: Dynamic, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A method of an array; None where the tensor has the same."""
    if label in METHODS:
        return numpy_call(frame, label, [owner, *args], kwargs)
    if label == "astype":
        return _astype(frame, owner, args[0])
    return None


def _astype(frame: Frame, owner: Dynamic, wanted: Value) -> Value:
    label = getattr(sample_of(wanted), "__name__", str(sample_of(wanted)))
    known = {"float": "float64", "int": "int64", "bool_": "bool", **{name: name for name in _TYPES}}
    if label not in known:
        raise Refused(f"NumPy's type `{label}` has no counterpart", "convert with torch")
    found = MISSING if not owner.known else attempt(lambda: owner.sample.astype(label))
    return sampled(expression(f"x.to(torch.{known[label]})", x=owner.code), found, T.ARRAY)


def numpy_call(frame: Frame, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`numpy.label(…)` of something dynamic."""
    sample = _sample(label, args, kwargs)
    kind = T.ARRAY if sample is MISSING or type(sample).__name__ == "ndarray" else None
    if label in ("concatenate", "stack", "vstack"):
        return _joined(frame, label, args, kwargs, sample)
    if label in MAKERS:
        return _made(frame, label, args, kwargs, sample)
    array = frame.code(args[0], T.TENSOR)
    if label in UNARY and len(args) == 1 and not kwargs:
        return _result(expression(UNARY[label], x=array), sample, kind)
    if label in REDUCTIONS and set(kwargs) <= {"axis"} and len(args) <= 2:
        axis = args[1] if len(args) > 1 else kwargs.get("axis")
        whole, along = REDUCTIONS[label]
        if axis is None or sample_of(axis) is None:
            return _result(
                expression(along if label in ("sort", "argsort") else whole, x=array, d=ast.parse("-1", mode="eval").body),
                sample,
                kind,
            )
        return _result(expression(along, x=array, d=frame.code(axis)), sample, kind)
    if label in BINARY and len(args) == 2:
        return _result(expression(BINARY[label], x=array, y=frame.code(args[1], T.TENSOR)), sample, kind)
    if label == "clip":
        low, high = args[1] if len(args) > 1 else kwargs["a_min"], args[2] if len(args) > 2 else kwargs["a_max"]
        return _result(expression("torch.clamp(x, a, b)", x=array, a=frame.code(low), b=frame.code(high)), sample, kind)
    if label == "where" and len(args) == 3:
        code = expression("torch.where(c, x, y)", c=array, x=frame.code(args[1]), y=frame.code(args[2]))
        return _result(code, sample, kind)
    if label in ("percentile", "quantile") and len(args) == 2 and is_static(args[1]):
        return _result(_quantiles(array, sample_of(args[1]), 100.0 if label == "percentile" else 1.0), sample, kind)
    raise _without_counterpart(label)


def _without_counterpart(label: str) -> Refused:
    return Refused(f"NumPy's `{label}` runs in Python", "use the torch operator that does the same")


def _quantiles(array: ast.expr, asked: Any, whole: float) -> ast.expr:
    """One quantile, or several of them in an array."""
    if isinstance(asked, int | float):
        return expression(f"torch.quantile(x.double(), {asked / whole!r})", x=array)
    parts = [float(part) / whole for part in asked]
    return expression(f"torch.quantile(x.double(), torch.tensor({parts!r}, dtype=torch.float64))", x=array)


def makes_array(function: object) -> bool:
    """Whether NumPy makes an array from numbers with this function; some of these it writes in Python."""
    owner = getattr(function, "__module__", None) or ""
    return owner.partition(".")[0] == "numpy" and getattr(function, "__name__", "") in MAKERS


def _made(frame: Frame, label: str, args: list[Value], kwargs: dict[str, Value], sample: Any) -> Value:
    """An array that is made from numbers; its type is the one that NumPy gave it."""
    patterns = MAKERS[label]
    pattern = patterns[len(args) - 1] if 0 < len(args) <= len(patterns) else None
    if pattern is None or sample is MISSING or not set(kwargs) <= {"dtype"} or sample.dtype.name not in _TYPES:
        raise _without_counterpart(label)
    codes = [frame.code(item) for item in args]
    if label in ("zeros", "ones", "full"):
        shape = argument(frame, args[0])
        codes[0] = ast.List([shape], ast.Load()) if sample.ndim == 1 and not isinstance(shape, ast.List) else shape
    made = ast.parse(f"torch.{sample.dtype.name}", mode="eval").body
    return _result(expression(pattern, **dict(zip("abc", codes, strict=False)), t=made), sample, T.ARRAY)


def _sample(label: str, args: list[Value], kwargs: dict[str, Value]) -> Any:
    numpy = sys.modules.get("numpy")
    given = [sample_of(item) for item in args]
    named = {key: sample_of(item) for key, item in kwargs.items()}
    if numpy is None or any(item is MISSING for item in (*given, *named.values())):
        return MISSING
    function: Callable[..., Any] | None = getattr(numpy, label, None)
    return MISSING if function is None else attempt(lambda: function(*given, **named))


def _result(code: ast.expr, sample: Any, kind: T.Type | None) -> Value:
    """Arrays stay arrays; NumPy's scalars stay 0-d tensors."""
    return Dynamic(kind or T.ARRAY, code, sample)


def _joined(frame: Frame, label: str, args: list[Value], kwargs: dict[str, Value], sample: Any) -> Value:
    axis = args[1] if len(args) > 1 else kwargs.get("axis", Static(0))
    function = "torch.cat" if label == "concatenate" else f"torch.{label}"
    if label == "vstack":
        return _result(expression("torch.vstack(x)", x=argument(frame, args[0])), sample, T.ARRAY)
    return _result(expression(f"{function}(x, d)", x=argument(frame, args[0]), d=frame.code(axis)), sample, T.ARRAY)
