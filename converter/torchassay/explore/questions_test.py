"""What a library is asked in a test tells whether its answer may change, and how far it is from changing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from torchassay.explore.instrument import Instrument
from torchassay.explore.probe import Probe, Record


def any_above(x: torch.Tensor) -> int:
    if np.any(x.numpy() > 3.0):
        return 1
    return 2


def all_above(x: torch.Tensor) -> int:
    if not (x.numpy() > 3.0).all():
        return 1
    return 2


def close(x: torch.Tensor) -> int:
    return 1 if math.isclose(x[0].item(), 2.5, abs_tol=0.5) else 2


def all_close(x: torch.Tensor) -> int:
    return 1 if np.allclose(x.numpy(), 2.5, rtol=0.0, atol=0.5) else 2


def equal(x: torch.Tensor) -> int:
    return 1 if np.array_equal(x.numpy(), np.asarray([1.0, 2.0])) else 2


def starts(x: torch.Tensor) -> int:
    return 1 if str(int(x[0])).startswith("12") else 2


def whole(x: torch.Tensor) -> int:
    return 1 if (x[0].item() / 2).is_integer() else 2


def of_a_kind(x: torch.Tensor) -> int:
    return 1 if isinstance(x[0].item(), float) else 2


def any_of_items(x: torch.Tensor) -> int:
    return 1 if any(value > 3.0 for value in x.tolist()) else 2


def own_frame(x: torch.Tensor) -> int:
    y = x * 2
    return 1 if locals() and y.numel() else 2


def heard(function: Callable[[torch.Tensor], int], *values: float) -> Record:
    """The last record of a run, which must compute what the function computes by itself."""
    x, probe = torch.tensor(values), Probe()
    expected, instrument = function(x), Instrument(probe)
    instrument.install([function])  # type: ignore[list-item]
    probe.listened([function])
    try:
        probe.start()
        with probe:
            assert function(x) == expected
        return probe.stop()[-1]
    finally:
        instrument.remove()


@pytest.mark.parametrize(
    ("function", "values", "outcome", "gap"),
    [
        (any_above, (1.0, 2.0), False, -1.0),
        (any_above, (1.0, 5.0), True, 2.0),
        (all_above, (1.0, 5.0), False, -2.0),
        (close, (1.0,), False, -1.0),
        (close, (2.75,), True, 0.25),
        (all_close, (1.0, 2.5), False, -1.0),
        (equal, (1.0, 5.0), False, -3.0),
        (starts, (13.0,), False, -1.0),
        (whole, (2.5,), False, -0.25),
    ],
)
def test_a_gap_says_how_far_the_other_answer_is(
    function: Callable[[torch.Tensor], int], values: tuple[float, ...], outcome: bool, gap: float
) -> None:
    record = heard(function, *values)
    assert record.outcome is outcome
    assert record.gap == pytest.approx(gap, abs=0.01)


@pytest.mark.parametrize("function", [any_above, close, all_close, equal, starts, whole])
def test_another_question_has_another_record(function: Callable[[torch.Tensor], int]) -> None:
    one, same, other = heard(function, 1.0, 7.0), heard(function, 1.0, 7.0), heard(function, 5.5, 9.0)
    assert (one.facts, one.gap) == (same.facts, same.gap)
    assert (one.facts, one.gap) != (other.facts, other.gap)


@pytest.mark.parametrize("function", [of_a_kind, any_of_items, own_frame])
def test_what_is_no_question_to_a_library_is_heard_as_before(function: Callable[[torch.Tensor], int]) -> None:
    assert heard(function, 1.0, 5.0).facts is None


def test_the_operands_may_take_each_others_place() -> None:
    record: Any = heard(close, 1.0)
    assert (record.op, record.left, record.right) == ("==", 1.0, 2.5)
