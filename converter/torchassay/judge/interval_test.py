"""Interval arithmetic never excludes a value that can occur."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from torchassay.judge import interval as iv
from torchassay.judge.interval import Interval

UNIT = Interval(0.0, 1.0)
NAN = Interval(0.0, 1.0, nan=True)


@pytest.mark.parametrize(
    ("op", "left", "right", "known"),
    [
        ("<", UNIT, Interval(2.0, 3.0), True),
        ("<", UNIT, Interval(1.0, 3.0), None),
        ("<=", UNIT, Interval(1.0, 3.0), True),
        (">", UNIT, Interval(2.0, 3.0), False),
        (">=", UNIT, Interval(0.0, 0.0), True),
        ("==", UNIT, Interval(2.0, 2.0), False),
        ("==", Interval(1.0, 1.0), Interval(1.0, 1.0), True),
        ("!=", UNIT, Interval(2.0, 2.0), True),
        ("<", NAN, Interval(2.0, 3.0), None),
        (">", NAN, Interval(2.0, 3.0), False),
        ("==", NAN, Interval(2.0, 2.0), False),
        ("!=", NAN, Interval(2.0, 2.0), True),
    ],
)
def test_comparisons(op: str, left: Interval, right: Interval, known: bool | None) -> None:
    assert iv.compare(op, left, right) is known


PLAIN: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b if b else 0.0,
    "raised": lambda a, b: a**b if a > 0 else 0.0,
}


def between(one: float, other: float) -> Interval:
    return Interval(min(one, other), max(one, other))


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "raised"])
def test_members_combine_into_members(name: str) -> None:
    rng = random.Random(name)
    for _ in range(300):
        left, right = (between(rng.uniform(-5, 5), rng.uniform(-5, 5)) for _ in range(2))
        result = getattr(iv, name)(left, right)
        value = PLAIN[name](rng.uniform(left.lo, left.hi), rng.uniform(right.lo, right.hi))
        assert result.lo - 1e-9 <= value <= result.hi + 1e-9


def test_an_overflow_may_become_anything() -> None:
    assert Interval(0.0, 1e39).widened(3.4e38).hi == math.inf
    assert Interval(0.0, 1e39).widened(3.4e38).nan


def test_truth_is_decided_only_when_every_member_agrees() -> None:
    assert iv.decided(Interval(1.0, 2.0)) is True
    assert iv.decided(Interval(0.0, 0.0)) is False
    assert iv.decided(UNIT) is None
    assert iv.decided(iv.and_(iv.FALSE, iv.EITHER)) is False
    assert iv.decided(iv.or_(iv.TRUE, iv.EITHER)) is True
