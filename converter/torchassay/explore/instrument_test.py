"""An instrumented function computes the same, and tells by how much each condition missed its other side."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from torchassay.explore.functions import functions_of
from torchassay.explore.instrument import Instrument
from torchassay.explore.probe import Probe, Record

LIMIT = 5


def helper(x: torch.Tensor) -> bool:
    return bool(LIMIT < x.mean() < 9)


def twice(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args) * 2 if args[-1].numel() > 0 else function(*args)

    return wrapper


class Base(nn.Module):
    def start(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.sum() > -100 else -x


class Model(Base):
    def __init__(self) -> None:
        super().__init__()
        self.__limit = 7
        offset = 3
        self.closure: Callable[[Any], Any] = lambda value: value + offset if offset > 2 else value

    @twice
    def inner(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.__limit if x.max() > self.__limit else x

    def forward(self, x: torch.Tensor, words: tuple[str, ...] = ("a",)) -> torch.Tensor:
        x = super().start(x)
        if not (x < -3).any() and helper(x):
            x = x + 1
        kept = [value for value in range(x.shape[0]) if value % 2 == 0]
        match int(x[0, 0]):
            case 4:
                x = x * 2
            case 8 | 9:
                x = x - 1
            case _:
                pass
        if "b" in words or torch.equal(x, x * 2):
            return x
        assert x.dim() == 2
        shifted: torch.Tensor = self.closure(self.inner(x))
        return shifted + len(kept)


@pytest.mark.parametrize("scale", [0.0, 1.0, 4.0, 6.0, 8.5, -50.0])
def test_the_result_is_the_same(scale: float) -> None:
    model, x = Model(), torch.ones(4, 3) * scale
    expected = model(x)
    probe = Probe()
    instrument = Instrument(probe)
    assert instrument.install(functions_of(model)) >= 5
    try:
        probe.start()
        with probe:
            assert torch.equal(model(x), expected)
        assert probe.stop()
    finally:
        instrument.remove()
    assert torch.equal(model(x), expected)


def records_of(function: Callable[[torch.Tensor], object], x: torch.Tensor) -> list[Record]:
    probe = Probe()
    instrument = Instrument(probe)
    instrument.install([function])  # type: ignore[list-item]
    try:
        probe.start()
        with probe:
            function(x)
        return probe.stop()
    finally:
        instrument.remove()


def tensor_test(x: torch.Tensor) -> int:
    return 1 if x.sum() > 3 else 2


def number_test(x: torch.Tensor) -> int:
    if x.max().item() == 7.5:
        return 1
    return 2


def every_test(x: torch.Tensor) -> int:
    if (x > 1).all():
        return 1
    return 2


def whole_test(x: torch.Tensor) -> int:
    if torch.equal(x, torch.arange(3.0)):
        return 1
    return 2


def test_a_gap_says_how_far_the_other_side_is() -> None:
    truth = records_of(tensor_test, torch.ones(2))[-1]
    assert (truth.outcome, round(truth.gap, 5)) == (False, -1.0)


def test_a_gap_of_a_number_leads_back_to_its_tensor() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    record = records_of(number_test, x)[0]
    assert (record.left, record.right, record.gap) == (2.0, 7.5, -5.5)
    assert record.target is not None
    assert torch.autograd.grad(record.target, x)[0].tolist() == [0.0, 1.0]


def test_every_element_counts_where_all_must_hold() -> None:
    record = records_of(every_test, torch.tensor([5.0, -2.0]))[-1]
    assert (record.outcome, record.gap) == (False, -3.0)


def test_a_comparison_of_tensors_keeps_what_was_compared() -> None:
    record = records_of(whole_test, torch.zeros(3))[-1]
    assert [operand.tolist() for operand in record.tensors] == [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]]


def all_of_a_row(x: torch.Tensor) -> int:
    if (x == torch.tensor([1, 2, 3])).all(-1).any():
        return 1
    return 2


def rounds(x: torch.Tensor) -> int:
    return sum(1 for _ in enumerate((x > 4).nonzero()))


def selected(x: torch.Tensor) -> int:
    kept = x[x > 4]
    return 1 if kept.numel() > 2 else 2


def any_selected(x: torch.Tensor) -> int:
    if x[x > 4].numel() > 0:
        return 1
    return 2


def positions(x: torch.Tensor) -> int:
    if torch.where(x > 4)[0].shape[0]:
        return 1
    return 2


def table(x: torch.Tensor) -> float:
    return {(3, 1): 2.0, (9, 9): 3.0}.get(tuple(x.tolist()), 0.0)


@pytest.mark.parametrize(
    ("function", "x", "outcome", "gap"),
    [
        (all_of_a_row, torch.tensor([[1, 2, 5], [7, 7, 7]]), False, -2.0),  # the nearest row, all its elements
        (all_of_a_row, torch.tensor([[1, 2, 3], [7, 7, 7]]), True, 1e-9),
        (rounds, torch.tensor([1.0, 3.5, 2.0]), False, -0.5),
        (rounds, torch.tensor([1.0, 4.25, 2.0]), True, 0.25),
        (selected, torch.tensor([5.0, 6.0, 3.0, 1.0]), False, -1.0),
        (selected, torch.tensor([5.0, 3.0, 1.0]), False, -1e6 - 1.0),  # one more after the next
        (selected, torch.tensor([5.0, 6.0, 4.5]), True, 0.5),
        (any_selected, torch.tensor([1.0, 3.0]), False, -1.0),
        (any_selected, torch.tensor([1.0, 4.5]), True, 0.5),
        (positions, torch.tensor([1.0, 2.0]), False, -2.0),
        (table, torch.tensor([3, 3]), False, -2.0),
        (table, torch.tensor([9, 9]), True, 0.0),
    ],
)
def test_how_near_the_next_element_is(function: Callable[..., object], x: torch.Tensor, outcome: bool, gap: float) -> None:
    record = [record for record in records_of(function, x) if record.decides][-1]
    assert record.outcome == outcome
    assert record.gap == pytest.approx(gap)


def test_a_loop_over_what_no_mask_decides_on_is_no_condition() -> None:
    assert records_of(lambda x: [row * 2 for row in x], torch.ones(3)) == []


def checks(x: torch.Tensor, strict: bool = True) -> torch.Tensor:
    total = float(x.sum())
    wide = total > 100
    if strict and wide:
        raise ValueError(f"{total} is too much")
    assert x.min() > -100
    if total > 5:
        return x * 2
    return x


def test_conditions_that_only_guard_are_told_from_those_that_choose() -> None:
    instrument = Instrument(Probe())
    instrument.install([checks])  # type: ignore[list-item]
    instrument.remove()
    sites = instrument.sites
    choosing = {condition.text for site, condition in enumerate(sites.conditions) if site not in sites.guards}
    assert choosing == {"total > 5"}


class Contrary(Probe):
    """Turns every truth, as who overrides `truth` may."""

    def truth(self, site: int, value: Any) -> bool:
        return not super().truth(site, value)


def item_test(x: torch.Tensor) -> int:
    return 1 if (x > 0)[0] else 2


def test_the_truth_of_an_item_is_decided_where_every_other_is() -> None:
    instrument = Instrument(Contrary())
    instrument.install([item_test])  # type: ignore[list-item]
    try:
        assert item_test(torch.ones(2)) == 2
    finally:
        instrument.remove()


def test_a_condition_inside_of_what_a_loop_goes_over_is_heard() -> None:
    def rounds_of(x: torch.Tensor) -> int:
        return sum(value for value in (3 if x.sum() > 1 else 4, 5))

    assert [record.outcome for record in records_of(rounds_of, torch.zeros(2)) if record.decides] == [False]
