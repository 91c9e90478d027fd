"""Weights: elements that are not negative and sum to one along a dimension, as those of a softmax do.

What is known of them no range of single elements gives: their sum, that a sum of values weighted with them lies
where the values lie, and their entropy, which is at most the logarithm of how many they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from torchassay.judge.interval import Interval
from torchassay.judge.transfer import MATRICES, Applied, Ranges, second_matrix
from torchassay.judge.units import TURNS, dim_of, inner_dim, is_turned, slack_of

_SOFTMAX = frozenset(("softmax", "softmin"))
_PRODUCTS = frozenset(("mul", "__mul__", "__rmul__", "multiply"))
_QUOTIENTS = frozenset(("div", "__truediv__", "divide", "true_divide"))
_SHIFTS = {"add": "other", "__add__": "other", "__radd__": "other", "clamp": "min", "clip": "min", "clamp_min": "min"}
_LITTLE = Interval(0.0, 0.01)  # what is added to weights, or taken for the smaller ones, before their logarithm
_SAME = frozenset(("view", "reshape", "flatten", "squeeze", "unsqueeze", "contiguous", "clone", "detach", "ravel"))

_Rule = Callable[[Applied, torch.Tensor, torch.Tensor], Interval | None]


@dataclass(frozen=True, slots=True)
class _Along:
    """The dimension of some weights, and in how many steps, each of which rounds, they were made."""

    dim: int
    steps: int = 1


class Weights:
    """Which tensors are weights along which dimension, and which are values multiplied with weights.

    Tensors are known by their identity: the caller keeps them alive. `of` gives the range of an operand's elements.
    """

    def __init__(self, of: Ranges) -> None:
        self._of = of
        self._along: dict[int, _Along] = {}
        self._weighted: dict[int, tuple[_Along, Interval]] = {}
        self._sums: dict[int, tuple[int, int]] = {}  # of a sum: whose it is, along which dimension
        self._softmaxed: dict[int, tuple[int, int]] = {}  # of a softmax or its logarithm: of what, along which dimension
        self._shifted: dict[int, int] = {}  # of weights with a little added: those weights
        self._logarithms: dict[int, int] = {}  # of a logarithm: the weights that it is of
        self._rules: dict[str, _Rule] = {"sum": self._summed, "log": self._logarithm, "__getitem__": self._indexed}
        for names, rule in (
            (_SOFTMAX | {"log_softmax"}, self._softmax),
            (_SHIFTS, self._little_added),
            (_SAME, self._reshaped),
            (TURNS, self._turned),
            (_PRODUCTS, self._multiplied),
            (_QUOTIENTS, self._divided),
            (MATRICES, self._contracted),
        ):
            self._rules |= dict.fromkeys(names, rule)

    def bound(self, applied: Applied) -> Interval | None:
        """What an operator makes of weights; None where they are not concerned. NaN is left to the caller."""
        source, result = applied.operand(0, "input"), applied.result
        if not isinstance(source, torch.Tensor) or not isinstance(result, torch.Tensor) or not result.is_floating_point():
            return None
        rule = self._rules.get(applied.name)
        return rule(applied, source, result) if rule else None

    # Where weights come from.

    def _softmax(self, applied: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        dim = dim_of(applied, source)
        if dim is None:
            return
        self._softmaxed[id(result)] = (0 if applied.name == "softmin" else id(source), dim)
        if applied.name in _SOFTMAX:
            self._along[id(result)] = _Along(dim)

    def _divided(self, applied: Applied, source: torch.Tensor, result: torch.Tensor) -> Interval | None:
        """What is not negative becomes weights when it is divided by its own sum."""
        total = applied.operand(1, "other")
        if applied.keywords or not isinstance(total, torch.Tensor) or result.shape != source.shape:
            return None
        owner, dim = self._sums.get(id(total), (0, 0))
        sums = self._of(total)
        if owner != id(source) or self._of(source).lo < 0.0 or sums.lo <= 0.0 or not sums.bounded:
            return None
        self._along[id(result)] = _Along(dim)
        return Interval(0.0, 1.0 + slack_of(result, source.shape[dim]))

    # Where they go.

    def _reshaped(self, _: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        """Dimensions of size one come and go."""
        known = self._along.get(id(source))
        kept = [at for at, size in enumerate(source.shape) if size != 1]
        after = [at for at, size in enumerate(result.shape) if size != 1]
        if known and known.dim in kept and [source.shape[at] for at in kept] == [result.shape[at] for at in after]:
            self._along[id(result)] = _Along(after[kept.index(known.dim)], known.steps)

    def _turned(self, _: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        known = self._along.get(id(source))
        if known and source.dim() == 2 and is_turned(source, result):
            self._along[id(result)] = _Along(1 - known.dim, known.steps)

    def _indexed(self, applied: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        """An index into the dimensions before takes weights as a whole."""
        known, index = self._along.get(id(source)), applied.operand(1, "index")
        if known is None or isinstance(index, bool) or not isinstance(index, int | slice | torch.Tensor):
            return
        taken = index.dim() if isinstance(index, torch.Tensor) and index.dtype == torch.bool else 1
        if taken <= known.dim:
            self._along[id(result)] = _Along(known.dim - source.dim() + result.dim(), known.steps)

    def _little_added(self, applied: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        little = self._of(applied.operand(1, _SHIFTS[applied.name]))
        plain = not {"alpha", "max"} & set(applied.keywords) and len(applied.arguments) <= 2
        if id(source) in self._along and plain and result.shape == source.shape and _lies_within(little, _LITTLE):
            self._shifted[id(result)] = id(source)

    def _logarithm(self, _: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        self._logarithms[id(result)] = self._shifted.get(id(source), id(source))

    def _multiplied(self, applied: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        other = applied.operand(1, "other")
        for weights, values in ((source, other), (other, source)):
            known = self._along.get(id(weights))
            if known and isinstance(weights, torch.Tensor) and weights.shape == result.shape:
                count = max(1, weights.shape[known.dim])
                entropic = Interval(-math.log(count), _LITTLE.hi)  # of the sum of w log w
                self._weighted[id(result)] = (known, entropic if self._are_logarithms(values, weights) else self._of(values))

    def _are_logarithms(self, values: object, weights: torch.Tensor) -> bool:
        same = self._softmaxed.get(id(values))
        return self._logarithms.get(id(values)) == id(weights) or (same is not None and same == self._softmaxed.get(id(weights)))

    # What follows.

    def _summed(self, applied: Applied, source: torch.Tensor, result: torch.Tensor) -> Interval | None:
        """The sum along the weights' dimension, or of everything."""
        asked, given = dim_of(applied, source), applied.operand(1, "dim")
        if applied.operand(3, "dtype") is not None or (asked is None and given is not None):
            return None
        if asked is not None or source.dim() == 1:
            self._sums[id(result)] = (id(source), asked or 0)
        known, values = self._weighted.get(id(source)) or (self._along.get(id(source)), Interval(1.0, 1.0))
        if known is None or asked not in (None, known.dim):
            return None
        times = 1.0 if asked is not None else float(source.numel() // max(1, source.shape[known.dim]))
        return _means(values, times, known.steps * slack_of(result, source.numel()))

    def _contracted(self, applied: Applied, left: torch.Tensor, result: torch.Tensor) -> Interval | None:
        """A product of matrices, one of which holds weights along the dimension that is summed over."""
        right = second_matrix(applied)
        inner = inner_dim(applied, left, right)
        if inner is None or not isinstance(right, torch.Tensor):
            return None
        rows, columns = self._along.get(id(left)), self._along.get(id(right))
        slack = slack_of(result, left.shape[-1])
        if rows and rows.dim == left.dim() - 1:
            if columns and inner != columns.dim == right.dim() - 1:  # mixtures of distributions are distributions
                self._along[id(result)] = _Along(result.dim() - 1, rows.steps + columns.steps)
            return _means(self._of(right), 1.0, rows.steps * slack)
        return _means(self._of(left), 1.0, columns.steps * slack) if columns and columns.dim == inner else None


def _lies_within(values: Interval, limits: Interval) -> bool:
    return limits.lo <= values.lo and values.hi <= limits.hi and not values.nan


def _means(values: Interval, times: float, slack: float) -> Interval:
    """So many means of values, and what rounding adds, which never moves a value over zero."""
    if not values.bounded:
        return Interval(times * values.lo, times * values.hi)
    room = slack * times * max(abs(values.lo), abs(values.hi))
    lo, hi = times * values.lo - room, times * values.hi + room
    return Interval(max(lo, 0.0) if values.lo >= 0.0 else lo, min(hi, 0.0) if values.hi <= 0.0 else hi)
