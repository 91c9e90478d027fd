"""Two runs of a model are told apart at the statement that a person would name."""

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from torchassay.inputs.call import Call
from torchassay.loading.subject import Subject
from torchassay.sense.difference import Difference, first_difference
from torchassay.sense.sense import sense
from torchassay.sense.trial import same, try_causes, try_state

LINES = Path(__file__).read_text().splitlines()
Forward = Callable[..., object]


class Calls(nn.Module):
    def __init__(self, function: Forward) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: object) -> object:
        return self.function(*inputs)


def difference(function: Forward, example: tuple[object, ...], other: tuple[object, ...]) -> Difference | None:
    model = Calls(function)
    subject = Subject(model, "forward", "m", "m", None, None, inspect.signature(model.forward))
    first, second = Call(example), Call(other)
    return first_difference(sense(subject, first), sense(subject, second), try_causes(subject, first, second))


def branch_after_a_logged_value(x: torch.Tensor) -> torch.Tensor:
    str(x.max().item())
    if x.sum() > 0:  # branch_after_a_logged_value
        return x + 1
    return x - 1


def number_before_a_branch(x: torch.Tensor) -> torch.Tensor:
    count = int((x > 0).sum())  # number_before_a_branch
    return x * 2 if count > 1 else x * 3


def handler(x: torch.Tensor) -> torch.Tensor:
    try:
        return x.view(3)  # handler
    except RuntimeError:
        return x * 2


def missing_argument(x: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return x if bias is None else x + bias  # missing_argument


def list_length(xs: list[torch.Tensor]) -> torch.Tensor:
    total = torch.zeros(3)
    for x in xs:  # list_length
        total = total + x
    return total


def branch_in_a_branch(x: torch.Tensor) -> torch.Tensor:
    if x.sum() > 0:
        return x * 9 if x.max() > 5 else x  # branch_in_a_branch
    return -x


ONES = torch.ones(3)
CASES: list[tuple[Forward, tuple[object, ...], tuple[object, ...]]] = [
    (branch_after_a_logged_value, (ONES,), (-ONES,)),
    (number_before_a_branch, (ONES,), (-ONES,)),
    (handler, (ONES,), (torch.ones(4),)),
    (handler, (torch.ones(4),), (ONES,)),
    (missing_argument, (ONES, None), (ONES, ONES)),
    (list_length, ([ONES, ONES],), ([ONES],)),
    (branch_in_a_branch, (ONES,), (ONES * 9,)),
]


@pytest.mark.parametrize(("function", "example", "other"), CASES)
def test_the_runs_part_at(function: Forward, example: tuple[object, ...], other: tuple[object, ...]) -> None:
    found = difference(function, example, other)
    assert found is not None
    assert LINES[found.statement.line - 1].endswith(f"  # {function.__name__}")


def test_equal_runs_do_not_part() -> None:
    assert difference(number_before_a_branch, (ONES,), (ONES,)) is None


def test_outputs_are_the_same_bit_for_bit() -> None:
    nan = torch.tensor([float("nan"), 1.0])
    assert same({"a": [nan]}, {"a": [nan.clone()]})
    assert not same(ONES, ONES.double())
    assert not same(ONES, torch.ones(1, 3))
    assert not same([ONES], (ONES,))


class Counting(nn.Module):
    """Counts its calls, which matters to nobody, and keeps a running sum, which does."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.total = torch.zeros(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.total = self.total + x
        return self.total * (1 if self.calls < 100 else 2)


def test_the_attribute_that_the_next_call_depends_on_is_told_from_the_others(subject_of: Callable[..., Subject]) -> None:
    assert try_state(subject_of(Counting()), [Call((ONES,)), Call((ONES,))]) == {"self.total"}


@pytest.mark.parametrize(("bias", "taken"), [(None, "False"), (ONES, "True")])
def test_a_test_against_none_says_which_side_was_taken(bias: torch.Tensor | None, taken: str) -> None:
    def forward(x: torch.Tensor, y: torch.Tensor | None) -> torch.Tensor:
        if y is not None:
            x = x + y
        return x

    found = difference(forward, (ONES, bias), (ONES, ONES if bias is None else None))
    assert found is not None
    assert found.statement.taken == taken
