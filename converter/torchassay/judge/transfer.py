"""What an operator makes of ranges: a bound for every element of its result, from bounds for its operands.

An operator that is not named here may yield anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import torch

from torchassay.inputs import tree
from torchassay.judge import interval as iv
from torchassay.judge.interval import ANYTHING, Interval

# Their results hold elements of the first operand, and no others.
TAKING = frozenset((
    "view", "reshape", "flatten", "permute", "transpose", "t", "contiguous", "clone", "detach", "squeeze",
    "unsqueeze", "expand", "expand_as", "view_as", "reshape_as", "__getitem__", "select", "narrow", "chunk", "split",
    "unbind", "roll", "flip", "sort", "max", "min", "amax", "amin", "median", "cummax", "cummin", "index_select",
    "gather", "take", "masked_select", "repeat", "tile", "movedim", "swapaxes", "double", "float", "half", "unfold",
    "item", "diagonal", "broadcast_to", "ravel", "__iter__", "alias", "repeat_interleave", "max_pool1d", "mode",
    "max_pool2d", "topk", "kthvalue", "T", "mT", "__get__", "unflatten", "aminmax", "take_along_dim",
    "to", "type", "__int__", "__float__", "long", "int", "cpu", "unique", "unique_consecutive",
))  # fmt: skip
_TRUTHS = frozenset(("any", "all", "is_nonzero", "bool", "__bool__"))
COMPARISONS = {
    "gt": ">", "__gt__": ">", "greater": ">", "lt": "<", "__lt__": "<", "less": "<", "ge": ">=", "__ge__": ">=",
    "le": "<=", "__le__": "<=", "eq": "==", "__eq__": "==", "ne": "!=", "__ne__": "!=", "greater_equal": ">=",
    "less_equal": "<=", "not_equal": "!=",
}  # fmt: skip
_UNARY: dict[str, Callable[[Interval], Interval]] = {
    "abs": iv.magnitude, "__abs__": iv.magnitude, "absolute": iv.magnitude, "neg": iv.negative,
    "__neg__": iv.negative, "negative": iv.negative, "square": iv.square, "relu": lambda value: iv.clamp(value, 0.0, None),
    "exp": iv.monotone(math.exp), "sqrt": iv.monotone(math.sqrt), "log": iv.monotone(math.log),
    "log1p": iv.monotone(math.log1p), "expm1": iv.monotone(math.expm1), "floor": iv.monotone(math.floor),
    "ceil": iv.monotone(math.ceil), "round": iv.monotone(round), "trunc": iv.monotone(math.trunc),
    "sigmoid": iv.within(0.0, 1.0), "softmax": iv.within(0.0, 1.0), "hardsigmoid": iv.within(0.0, 1.0),
    "tanh": iv.within(-1.0, 1.0), "sin": iv.within(-1.0, 1.0), "cos": iv.within(-1.0, 1.0), "erf": iv.within(-1.0, 1.0),
    "sign": iv.within(-1.0, 1.0), "one_hot": iv.within(0.0, 1.0), "normalize": iv.within(-1.0, 1.0),
    "softplus": iv.within(0.0, math.inf), "log_softmax": iv.within(-math.inf, 0.0), "logsigmoid": iv.within(-math.inf, 0.0),
    "cosine_similarity": iv.within(-1.0, 1.0), "relu6": lambda value: iv.clamp(value, 0.0, 6.0),
    "logical_not": iv.not_, "__invert__": iv.not_, "bitwise_not": iv.not_, "mean": lambda value: value,
    "reciprocal": lambda value: iv.divide(iv.TRUE, value), "tril": iv.or_zero, "triu": iv.or_zero,
    "quantile": lambda value: value, "cumprod": iv.powers, "prod": iv.powers,
}  # fmt: skip
_BINARY: dict[str, Callable[[Interval, Interval], Interval]] = {
    "add": iv.add, "__add__": iv.add, "__radd__": iv.add, "sub": iv.subtract, "__sub__": iv.subtract,
    "subtract": iv.subtract, "__rsub__": iv.swapped(iv.subtract), "rsub": iv.swapped(iv.subtract),
    "mul": iv.multiply, "__mul__": iv.multiply, "__rmul__": iv.multiply, "multiply": iv.multiply, "div": iv.divide,
    "__truediv__": iv.divide, "true_divide": iv.divide, "divide": iv.divide,
    "__rtruediv__": iv.swapped(iv.divide), "__rdiv__": iv.swapped(iv.divide),
    "maximum": iv.largest, "minimum": iv.smallest, "remainder": iv.remainder, "__mod__": iv.remainder,
    "logical_and": iv.and_, "__and__": iv.and_, "bitwise_and": iv.and_,
    "logical_or": iv.or_, "__or__": iv.or_, "bitwise_or": iv.or_,
}  # fmt: skip
DIFFERENCES = frozenset(("sub", "__sub__", "subtract"))
_ROUNDED_ONCE = frozenset(_BINARY) - {"remainder", "__mod__"}
_LOGIC = frozenset(("__and__", "bitwise_and", "__or__", "bitwise_or", "__invert__", "bitwise_not"))
_EXACT = frozenset((
    "abs", "neg", "__neg__", "relu", "relu6", "sign", "one_hot", "logical_not", "__invert__", "bitwise_not", "logical_and",
    "__and__", "bitwise_and", "logical_or", "__or__", "bitwise_or", "floor", "ceil", "round", "trunc", "maximum", "minimum",
    "tril", "triu", "masked_fill", "sigmoid", "softmax", "tanh",
))  # fmt: skip
_UNIONS = frozenset(("cat", "stack", "concat", "concatenate", "hstack", "vstack"))
_CLAMPS = {"clamp": (1, 2), "clip": (1, 2), "clamp_min": (1, 9), "clamp_max": (9, 1)}
_CHOICES = frozenset((*_UNIONS, *_CLAMPS, "where", "embedding"))  # take elements as they are
_NONNEGATIVE = frozenset(("norm", "var", "std", "vector_norm", "cdist", "dist", "pdist", "mse_loss", "l1_loss"))
_COUNTS = frozenset(("count_nonzero", "bincount"))
_POSITIONS = frozenset(("argmax", "argmin", "argsort", "nonzero"))
_WITH_POSITIONS = frozenset(("max", "min", "median", "mode", "sort", "topk", "kthvalue", "cummax", "cummin"))
_MAKERS = frozenset(("zeros_like", "ones_like", "full_like", "new_zeros", "new_ones", "new_full"))
_SPECIAL = frozenset(("alpha", "rounding_mode"))  # make another operator of it
_HUGE = 2.0**62
MATRICES = frozenset(("matmul", "__matmul__", "mm", "bmm", "mv", "dot", "linear"))


@dataclass(frozen=True, slots=True)
class Applied:
    """One operator, what it was applied to, and what came out."""

    name: str
    arguments: tuple[object, ...]
    keywords: Mapping[str, object]
    result: object

    def operand(self, at: int, name: str) -> object:
        """An argument by its place, or by name; None where it was left out."""
        return self.arguments[at] if at < len(self.arguments) else self.keywords.get(name)


Ranges = Callable[[object], Interval]


def bounds_of(applied: Applied, of: Ranges) -> list[Interval]:
    """The range of each tensor in the result, in order; one for a number. `of` knows those of the operands."""
    value = _bound(applied, of)
    tensors = tensors_in((applied.result,))
    if applied.name in _WITH_POSITIONS and isinstance(applied.result, tuple) and len(tensors) == 2:
        return [value, _position(applied)]
    return [value] * max(1, len(tensors))


def _bound(applied: Applied, of: Ranges) -> Interval:
    name, first = applied.name, of(applied.operand(0, "input"))
    second = applied.operand(1, "other")
    if name in COMPARISONS:
        left, right = applied.operand(0, "input"), second
        return iv.truth(iv.compare(COMPARISONS[name], _beside(left, right, first), _beside(right, left, of(right))))
    if name in _TRUTHS:
        return iv.truth(iv.decided(first))
    if name in ("isnan", "isinf", "isfinite"):
        return _tested(name, first)
    if name in ("max", "min") and isinstance(second, torch.Tensor):
        return (iv.largest if name == "max" else iv.smallest)(first, of(second))
    if name in TAKING:
        return _converted(first, applied.result)
    if name in _POSITIONS:
        return _position(applied)
    value = _computed(applied, first, of)
    if name in _CHOICES:
        return _converted(value, applied.result)
    if name in _EXACT:
        return value
    rounded = _rounded(value, applied.result, once=name in _ROUNDED_ONCE)
    return _without_rounding(rounded, first, applied) if name == "mean" else rounded


def _beside(value: object, other: object, range_: Interval) -> Interval:
    """The range of an operand of a comparison: a Python number takes the type of the float tensor that it stands beside."""
    beside_floats = isinstance(value, int | float) and isinstance(other, torch.Tensor) and other.is_floating_point()
    return _converted(range_, other) if beside_floats else range_


def _converted(first: Interval, result: object) -> Interval:
    """Rounding to another type keeps the order, so the ends bound what lies between."""
    if _is_whole(result):
        return iv.monotone(math.trunc)(first)
    if isinstance(result, torch.Tensor) and result.is_floating_point() and first.bounded:
        lo, hi = torch.tensor([first.lo, first.hi], dtype=torch.float64).to(result.dtype).tolist()
        return Interval(lo, hi, first.nan)
    return first


def _rounded(value: Interval, result: object, *, once: bool) -> Interval:
    """What the result's type makes of a value: whole numbers are exact until they wrap around."""
    if _is_whole(result):
        limit = torch.iinfo(result.dtype).max if isinstance(result, torch.Tensor) else 2**62
        return value if value.bounded and max(-value.lo, value.hi) <= limit else ANYTHING
    if isinstance(result, torch.Tensor) and result.is_floating_point():
        kind = torch.finfo(result.dtype)
        return value.widened(kind.max, kind.eps, tiny=kind.tiny if once else None)
    return value.widened(_HUGE)


def _without_rounding(rounded: Interval, elements: Interval, applied: Applied) -> Interval:
    """A mean is rounded beyond an end of its elements only where the sum of so many equal to that end would be."""
    source, result = applied.operand(0, "input"), applied.result
    if not isinstance(source, torch.Tensor) or not isinstance(result, torch.Tensor) or not elements.bounded:
        return rounded
    limit = 2.0 / torch.finfo(result.dtype).eps / max(1, source.numel())

    def exact(end: float) -> bool:
        return end == int(end) and abs(end) < limit

    lo = elements.lo if exact(elements.lo) else rounded.lo
    return replace(rounded, lo=lo, hi=elements.hi if exact(elements.hi) else rounded.hi)


def _computed(applied: Applied, first: Interval, of: Ranges) -> Interval:
    name, second = applied.name, applied.operand(1, "other")
    if name in _LOGIC and not _is_truth(applied.result):
        return ANYTHING  # bits of whole numbers
    if name in _UNARY:
        return _UNARY[name](first)
    if name in ("mul", "__mul__", "multiply") and applied.arguments[0] is second:
        return iv.square(first)
    if name in _BINARY and second is not None and not _SPECIAL & set(applied.keywords):
        return _BINARY[name](first, of(second))
    if name in ("pow", "__pow__") and _is_two(applied.operand(1, "exponent")):
        return iv.square(first)
    if name in ("pow", "__pow__"):
        return iv.raised(first, of(applied.operand(1, "exponent")))
    if name in ("sum", "nansum"):
        return iv.total(first, _terms(applied), _terms(applied))
    if name == "cumsum":
        return iv.total(first, 1, _numel(applied.operand(0, "input")))
    if name in _COUNTS and len(tensors_in((*applied.arguments, *applied.keywords.values()))) == 1:
        return Interval(0.0, float(_numel(applied.operand(0, "input"))))
    return _size(applied, first) if name in _NONNEGATIVE else _made(applied, first, of)


def _made(applied: Applied, first: Interval, of: Ranges) -> Interval:
    """What is put together from other tensors."""
    name = applied.name
    if name in _UNIONS:
        return iv.union([of(leaf) for leaf in tensors_in((*applied.arguments, *applied.keywords.values()))] or [ANYTHING])
    if name == "where" and len(applied.arguments) == 3:
        chosen = applied.arguments[1:] if _is_truth(applied.arguments[0]) else applied.arguments[::2]
        return iv.union([of(value) for value in chosen])
    if name == "masked_fill":
        return first.union(of(applied.operand(2, "value")))
    if name in _MAKERS and isinstance(applied.result, torch.Tensor):
        return constant(applied.result)
    if name == "embedding":
        return of(applied.operand(1, "weight"))
    if name in _CLAMPS:
        return _clamped(applied, first)
    return _product(applied, first, of) if name in MATRICES else ANYTHING


def _size(applied: Applied, first: Interval) -> Interval:
    """Norms and spreads."""
    if applied.name in ("var", "std"):
        width = iv.subtract(first, first).hi
        return Interval(0.0, width if applied.name == "std" else width * width, nan=True)  # of one element it is NaN
    count, order = _numel(applied.operand(0, "input")), applied.operand(1, "p" if applied.name == "norm" else "ord")
    plain = applied.name in ("norm", "vector_norm") and order in (None, 1, 2, math.inf, "fro") and first.bounded
    return Interval(0.0, count * iv.magnitude(first).hi if plain else math.inf, first.nan or not first.bounded)


def _clamped(applied: Applied, first: Interval) -> Interval:
    limits = [applied.operand(at, name) for at, name in zip(_CLAMPS[applied.name], ("min", "max"), strict=True)]
    if not all(limit is None or isinstance(limit, int | float) for limit in limits):
        return ANYTHING
    lo, hi = (float(limit) if isinstance(limit, int | float) else None for limit in limits)
    return iv.clamp(first, lo, hi)


def _product(applied: Applied, first: Interval, of: Ranges) -> Interval:
    """Sums of products over the last dimension of the first operand."""
    left, right = applied.operand(0, "input"), second_matrix(applied)
    if not isinstance(left, torch.Tensor) or left.dim() == 0:
        return ANYTHING
    sums = iv.total(iv.multiply(first, of(right)), left.shape[-1], left.shape[-1])
    bias = applied.operand(2, "bias") if applied.name == "linear" else None
    return sums if bias is None else iv.add(sums, of(bias))


def second_matrix(applied: Applied) -> object:
    """The right operand of a product of matrices."""
    return applied.operand(1, "weight" if applied.name == "linear" else "other")


def _position(applied: Applied) -> Interval:
    """Where in a dimension something stands; without a dimension, where in the whole tensor."""
    source = applied.operand(0, "input")
    if not isinstance(source, torch.Tensor):
        return ANYTHING
    dim = applied.operand(2 if applied.name in ("topk", "kthvalue") else 1, "dim")
    if applied.name == "nonzero":
        return Interval(0.0, float(max((*source.shape, 1)) - 1))
    count = source.shape[dim] if isinstance(dim, int) and source.dim() else source.numel()
    return Interval(0.0, float(max(count, 1) - 1))


def _terms(applied: Applied) -> int:
    """How many elements of the operand go into one of the result."""
    source, result = applied.operand(0, "input"), applied.result
    if isinstance(source, torch.Tensor) and isinstance(result, torch.Tensor) and result.numel():
        return max(1, source.numel() // result.numel())
    return max(1, _numel(source))


def _numel(value: object) -> int:
    return value.numel() if isinstance(value, torch.Tensor) else 0


def _is_two(value: object) -> bool:
    return isinstance(value, int | float) and value == 2


def _is_whole(value: object) -> bool:
    if isinstance(value, torch.Tensor):
        return not (value.is_floating_point() or value.is_complex() or value.dtype == torch.bool)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_truth(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, torch.Tensor) and value.dtype == torch.bool)


def _tested(name: str, value: Interval) -> Interval:
    if name == "isnan":
        return iv.truth(None if value.nan else False)
    infinite = not value.bounded
    if name == "isinf":
        return iv.truth(None if infinite else False)
    return iv.truth(None if infinite or value.nan else True)


def constant(tensor: torch.Tensor) -> Interval:
    """The range of a tensor's own values."""
    if tensor.numel() == 0 or tensor.is_complex() or tensor.layout != torch.strided:
        return ANYTHING
    with torch._C.DisableTorchFunction():
        values = tensor.detach().double()
        if not bool(values.isfinite().all()):
            return ANYTHING
        return Interval(float(values.min()), float(values.max()))


def tensors_in(values: Iterable[object]) -> list[torch.Tensor]:
    return [leaf for value in values for _, leaf in tree.walk(value) if isinstance(leaf, torch.Tensor)]
