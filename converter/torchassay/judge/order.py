"""Which tensor is nowhere below which: the order that sorting, extremes, clamps and magnitudes put between values.

Intervals bound each tensor by itself. Of `x.max() - x.min()` they say only that both lie in the range of `x`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from torchassay.judge.interval import Interval
from torchassay.judge.transfer import DIFFERENCES, TAKING, Applied, tensors_in

_DEPTH = 6
_EXTREMES = {"max": "max", "amax": "max", "min": "min", "amin": "min"}
_MAGNITUDES = frozenset(("abs", "__abs__", "absolute", "relu"))
_SUMS = frozenset(("add", "__add__", "__radd__"))
Ranges = Callable[[object], Interval]


@dataclass(frozen=True, slots=True)
class _Extreme:
    """The largest or smallest of a tensor: of all its elements, or along a dimension."""

    kind: str
    source: int
    along: tuple[object, ...] = ()


class Order:
    """What the operators of one run tell. Tensors are known by their identity: the caller keeps them alive."""

    def __init__(self) -> None:
        self._below: dict[int, set[int]] = {}  # what a tensor is nowhere below
        self._extremes: dict[int, _Extreme] = {}
        self._sources: dict[int, int] = {}  # of which tensor all elements of another are taken
        self._ascending: set[int] = set()  # vectors
        self._places: dict[int, tuple[int, int]] = {}  # an element of such a vector, and its index

    def compare(self, op: str, left: torch.Tensor, right: torch.Tensor, *, nan: bool) -> bool | None:
        """What `left op right` gives for every element; a NaN makes it false, except for `!=`."""
        if op in ("<", ">"):
            lower, upper = (left, right) if op == "<" else (right, left)
            return False if self.at_least(lower, upper) else None
        if op in ("<=", ">=") and not nan:
            lower, upper = (left, right) if op == "<=" else (right, left)
            return True if self.at_least(upper, lower) else None
        return None

    def at_least(self, upper: torch.Tensor, lower: torch.Tensor) -> bool:
        """Whether no element of `upper` is below the element of `lower` that it meets."""
        reached, edge = {id(upper)}, {id(upper)}
        for _ in range(_DEPTH):
            if any(self._directly(one, id(lower)) for one in edge):
                return True
            edge = {other for one in edge for other in self._below.get(one, ())} - reached
            reached |= edge
        return False

    def _directly(self, upper: int, lower: int) -> bool:
        if upper == lower:
            return True
        places = self._places.get(upper), self._places.get(lower)
        if places[0] is not None and places[1] is not None and places[0][0] == places[1][0]:
            return places[0][1] >= places[1][1]
        return self._by_extremes(upper, lower)

    def _by_extremes(self, upper: int, lower: int) -> bool:
        one, other = self._extremes.get(upper), self._extremes.get(lower)
        if one is not None and other is not None and (one.source, one.along) == (other.source, other.along):
            return one.kind == "max" or other.kind == "min"
        if one is not None and one.kind == "max" and not one.along and self._source(lower) == one.source:
            return True
        return other is not None and other.kind == "min" and not other.along and self._source(upper) == other.source

    def _source(self, tensor: int) -> int:
        while tensor in self._sources:
            tensor = self._sources[tensor]
        return tensor

    def note(self, applied: Applied, of: Ranges) -> None:
        """Takes in what one operator has done; `of` knows the ranges of its operands."""
        source, results = applied.operand(0, "input"), tensors_in((applied.result,))
        if not isinstance(source, torch.Tensor) or not results:
            return
        self._note_extreme(applied, source, results[0])
        self._note_sides(applied, source, results[0], of)
        self._note_ascending(applied, source, results[0], of)
        if applied.name in TAKING:
            for number, result in enumerate(results):
                self._note_part(applied, source, result, number)

    def _note_extreme(self, applied: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        kind, dim = _EXTREMES.get(applied.name), applied.operand(1, "dim")
        if kind is None or isinstance(dim, torch.Tensor):
            return
        along = () if dim is None else (repr(dim), bool(applied.operand(2, "keepdim")))
        self._extremes[id(result)] = _Extreme(kind, self._source(id(source)) if dim is None else id(source), along)
        if along and along[1]:  # it meets the very elements that it was taken from
            self._put(*((result, source) if kind == "max" else (source, result)))

    def _note_sides(self, applied: Applied, source: torch.Tensor, result: torch.Tensor, of: Ranges) -> None:
        name, other = applied.name, applied.operand(1, "other")
        if name in _MAGNITUDES:
            self._put(result, source)
        elif name in ("maximum", "minimum", "max", "min") and isinstance(other, torch.Tensor):
            for operand in (source, other):
                self._put(*((result, operand) if name.startswith("max") else (operand, result)))
        elif name in ("clamp", "clip", "clamp_min", "clamp_max"):
            self._note_clamp(applied, source, result)
        elif name in _SUMS | DIFFERENCES and other is not None and not applied.keywords:
            change = of(other)
            grows = change.lo >= 0.0 if name in _SUMS else change.hi <= 0.0
            shrinks = change.hi <= 0.0 if name in _SUMS else change.lo >= 0.0
            if grows or shrinks:  # rounding keeps the order
                self._put(*((result, source) if grows else (source, result)))

    def _note_clamp(self, applied: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        lower = applied.operand(1, "min") if applied.name != "clamp_max" else None
        upper = applied.operand(1, "max") if applied.name == "clamp_max" else applied.operand(2, "max")
        if upper is None:
            self._put(result, source)
        if lower is None:
            self._put(source, result)

    def _note_ascending(self, applied: Applied, source: torch.Tensor, result: torch.Tensor, of: Ranges) -> None:
        if source.dim() != 1 or result.dim() != 1:
            return
        name = applied.name
        sorted_up = name in ("sort", "msort") and not (applied.operand(2, "descending") or applied.keywords.get("descending"))
        summed = name == "cumsum" and of(source).lo >= 0.0
        asked = name in ("quantile", "nanquantile") and _ascends(applied.operand(1, "q"))
        if sorted_up or summed or asked or name == "cummax":
            self._ascending.add(id(result))

    def _note_part(self, applied: Applied, source: torch.Tensor, result: torch.Tensor, number: int) -> None:
        if applied.name not in ("max", "min", "amax", "amin"):
            self._sources.setdefault(id(result), id(source))
        if id(source) not in self._ascending or result.dim() != 0:
            return
        index = number if applied.name == "unbind" else applied.arguments[-1]
        if isinstance(index, int) and not isinstance(index, bool):
            self._places[id(result)] = (id(source), index % max(1, source.numel()))

    def _put(self, upper: torch.Tensor, lower: torch.Tensor) -> None:
        self._below.setdefault(id(upper), set()).add(id(lower))


def _ascends(levels: object) -> bool:
    return isinstance(levels, torch.Tensor) and levels.dim() == 1 and bool((levels[1:] >= levels[:-1]).all())
