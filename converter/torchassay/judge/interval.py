"""Ranges of numbers, and what operators make of them: outward rounded, NaN kept track of."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

_SLACK = 1e-5


@dataclass(frozen=True, slots=True)
class Interval:
    """Every element lies in lo..hi, or is NaN where `nan` allows it."""

    lo: float
    hi: float
    nan: bool = False

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.lo) and math.isfinite(self.hi)

    def union(self, other: Interval) -> Interval:
        return Interval(min(self.lo, other.lo), max(self.hi, other.hi), self.nan or other.nan)

    def widened(self, largest: float, eps: float = 0.0, *, tiny: float | None = None) -> Interval:
        """Outward by the error of a few operations with that precision; beyond `largest` the value overflows.

        Rounding keeps the order, so it never moves a value over zero. A sum may err in proportion to its largest term;
        what is rounded only once, at the very end, errs in proportion to what it is, or by `tiny`, the smallest normal
        number, which is given for such values only.
        """
        sizes = (abs(self.lo), abs(self.hi))
        if tiny is None:
            sizes = (max(sizes), max(sizes))
        below, above = (max(_SLACK, 4 * eps) * size + (tiny or 0.0) for size in sizes) if self.bounded else (0.0, 0.0)
        lo = max(self.lo - below, 0.0) if self.lo >= 0.0 else self.lo - below
        hi = min(self.hi + above, 0.0) if self.hi <= 0.0 else self.hi + above
        if abs(lo) > largest or abs(hi) > largest or not self.bounded:
            return Interval(-math.inf if -lo > largest else lo, math.inf if hi > largest else hi, True)
        return Interval(lo, hi, self.nan)


TRUE = Interval(1.0, 1.0)
FALSE = Interval(0.0, 0.0)
EITHER = Interval(0.0, 1.0)
ANYTHING = Interval(-math.inf, math.inf, True)


def truth(value: bool | None) -> Interval:
    return EITHER if value is None else TRUE if value else FALSE


def decided(value: Interval) -> bool | None:
    """The truth value that every element has; None when both may occur."""
    if value.lo == value.hi == 0.0 and not value.nan:
        return False
    return True if value.lo > 0.0 or value.hi < 0.0 else None


def compare(op: str, left: Interval, right: Interval) -> bool | None:
    """What a comparison of any two members gives; a NaN makes it false, except for `!=`."""
    if op in (">", ">="):
        return compare("<" if op == ">" else "<=", right, left)
    if op == "!=":
        equal = compare("==", left, right)
        return None if equal is None else not equal
    nan = left.nan or right.nan
    if op == "==":
        if left.hi < right.lo or right.hi < left.lo:
            return False
        same = left.lo == left.hi == right.lo == right.hi
        return True if same and not nan else None
    always = left.hi < right.lo if op == "<" else left.hi <= right.lo
    never = left.lo >= right.hi if op == "<" else left.lo > right.hi
    if never:
        return False
    return True if always and not nan else None


def add(left: Interval, right: Interval) -> Interval:
    return Interval(left.lo + right.lo, left.hi + right.hi, _mixed(left, right))


def negative(value: Interval) -> Interval:
    return Interval(-value.hi, -value.lo, value.nan)


def subtract(left: Interval, right: Interval) -> Interval:
    return add(left, negative(right))


def multiply(left: Interval, right: Interval) -> Interval:
    if not (left.bounded and right.bounded):
        return ANYTHING
    ends = [a * b for a in (left.lo, left.hi) for b in (right.lo, right.hi)]
    return Interval(min(ends), max(ends), left.nan or right.nan)


def divide(left: Interval, right: Interval) -> Interval:
    if right.lo <= 0.0 <= right.hi or not right.bounded:
        return ANYTHING
    return multiply(left, Interval(1.0 / right.hi, 1.0 / right.lo, right.nan))


def magnitude(value: Interval) -> Interval:
    largest = max(abs(value.lo), abs(value.hi))
    smallest = 0.0 if value.lo <= 0.0 <= value.hi else min(abs(value.lo), abs(value.hi))
    return Interval(smallest, largest, value.nan)


def square(value: Interval) -> Interval:
    size = magnitude(value)
    return multiply(size, size)


def raised(base: Interval, exponent: Interval) -> Interval:
    """A power of what is not negative: exp(y log x) rises or falls in each of x and y, so its ends are at theirs."""
    if not (base.bounded and exponent.bounded) or base.lo < 0.0 or (base.lo == 0.0 and exponent.lo <= 0.0):
        return ANYTHING
    try:
        ends = [x**y for x in (base.lo, base.hi) for y in (exponent.lo, exponent.hi)]
    except OverflowError:
        return ANYTHING
    return Interval(min(ends), max(ends), base.nan or exponent.nan)


def total(value: Interval, least: int, most: int) -> Interval:
    """The sum of so many members."""
    ends = (value.lo * least, value.lo * most, value.hi * least, value.hi * most)
    return ANYTHING if any(map(math.isnan, ends)) else Interval(min(ends), max(ends), value.nan or not value.bounded)


def largest(left: Interval, right: Interval) -> Interval:
    """The greater of two members, element by element."""
    return Interval(max(left.lo, right.lo), max(left.hi, right.hi), left.nan or right.nan)


def smallest(left: Interval, right: Interval) -> Interval:
    return negative(largest(negative(left), negative(right)))


def remainder(left: Interval, right: Interval) -> Interval:
    """With the sign of the divisor, as Python and PyTorch have it."""
    if not left.bounded or not right.bounded or right.lo <= 0.0:
        return ANYTHING
    if left.lo >= 0.0 and left.hi < right.lo:
        return left
    return Interval(0.0, right.hi, left.nan or right.nan)


def powers(value: Interval) -> Interval:
    """Products of any number of members; known where they cannot grow."""
    return replace(value, lo=0.0) if value.lo >= 0.0 and value.hi <= 1.0 else ANYTHING


def or_zero(value: Interval) -> Interval:
    return value.union(FALSE)


def close(left: Interval, right: Interval, rtol: float, atol: float) -> bool | None:
    """Whether `allclose` holds for any two members: the difference is at most `atol + rtol * |right|`."""
    size = magnitude(right)
    apart = magnitude(subtract(left, right))
    if apart.lo > (atol + rtol * size.hi) * (1.0 + _SLACK):
        return False
    same = apart.hi <= (atol + rtol * size.lo) * (1.0 - _SLACK)
    return True if same and left.bounded and right.bounded and not (left.nan or right.nan) else None


def swapped(function: Callable[[Interval, Interval], Interval]) -> Callable[[Interval, Interval], Interval]:
    return lambda left, right: function(right, left)


def clamp(value: Interval, lo: float | None, hi: float | None) -> Interval:
    low = -math.inf if lo is None else lo
    high = math.inf if hi is None else hi
    return Interval(min(max(value.lo, low), high), max(min(value.hi, high), low), value.nan)


def monotone(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    """A rising function of one number, as one of intervals."""

    def apply(value: Interval) -> Interval:
        try:
            return Interval(function(value.lo), function(value.hi), value.nan)
        except (ValueError, OverflowError):
            return ANYTHING

    return apply


def within(lo: float, hi: float) -> Callable[[Interval], Interval]:
    """A function that always lands in a range; an infinity may still become NaN on the way."""
    return lambda value: Interval(lo, hi, value.nan or not value.bounded)


def union(values: Sequence[Interval]) -> Interval:
    result = values[0]
    for value in values[1:]:
        result = result.union(value)
    return result


def not_(value: Interval) -> Interval:
    known = decided(value)
    return truth(None if known is None else not known)


def and_(left: Interval, right: Interval) -> Interval:
    sides = (decided(left), decided(right))
    if False in sides:
        return FALSE
    return TRUE if sides == (True, True) else EITHER


def or_(left: Interval, right: Interval) -> Interval:
    return not_(and_(not_(left), not_(right)))


def _mixed(left: Interval, right: Interval) -> bool:
    return left.nan or right.nan or not (left.bounded and right.bounded)
