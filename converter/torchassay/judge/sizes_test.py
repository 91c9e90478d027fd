"""A leak that no declared size changes is settled; one that any declared size changes is not."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from torchassay.base.child import run_child
from torchassay.explore.counterexample import BranchRecord, Exploration, Place
from torchassay.inputs.call import Call
from torchassay.inputs.domain import Domain, build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.judge.judge import judge
from torchassay.judge.sizes import settled_by_sizes
from torchassay.loading.subject import Subject
from torchassay.sense.sense import sense


class Forward(nn.Module):
    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function
        self.linear = nn.Linear(6, 6)
        self.table = nn.Parameter(torch.zeros(5, 6))
        self.offsets = [torch.arange(6.0)]

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(self, x)


SPEC = "x=f32[B:1..4,T:2..9,6]"


def declared(function: Callable[..., Any], spec: str, shape: tuple[int, ...]) -> tuple[Subject, Domain]:
    model = Forward(function)
    subject = Subject(model, "forward", "m", "m", None, None, inspect.signature(model.forward), None)
    return subject, build_domain(subject.parameters, [Call((torch.ones(shape),))], [parse_input_spec(spec)])


def settled(function: Callable[..., Any], spec: str = SPEC, shape: tuple[int, ...] = (2, 3, 6)) -> int:
    """How many leaks of the function are settled."""
    subject, domain = declared(function, spec, shape)
    result = run_child(lambda: settled_by_sizes(subject, domain), timeout=20)
    assert result.status == "ok", result.error
    assert result.value is not None
    return len(result.value)


def beyond_one(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if x.shape[1] > 1 else x


def beside_a_held_tensor(model: Forward, x: torch.Tensor) -> torch.Tensor:
    return x if (x + model.offsets[0]).shape[-1] == 6 else x * 0


def beside_a_made_tensor(_: Forward, x: torch.Tensor) -> torch.Tensor:
    made = torch.tensor([[1.0] * 6] * len(x.tolist()))
    return x if (made + 1).shape[0] == 2 else x * 0


def no_padding(_: Forward, x: torch.Tensor) -> torch.Tensor:
    y = torch.cat([x, x], 1)
    if (missing := y.shape[1] - x.shape[1] - x.shape[-2]) > 0:
        return nn.functional.pad(x, (0, missing))
    return x


def heads(self: Forward, x: torch.Tensor) -> torch.Tensor:
    batch, time, _ = x.shape
    split = self.linear(x).view(batch, time, 2, -1).transpose(1, 2)
    mask = (torch.arange(time, device=x.device) >= 0) & torch.ones(time, dtype=torch.bool)
    seen = nn.functional.scaled_dot_product_attention(split, split, split, attn_mask=mask.expand(batch, 1, time, time))
    return seen * 2 if seen.shape[2] >= 2 and seen.shape[3] == 3 else seen


def halved(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if (x.shape[1] // 2) * 2 + x.shape[1] % 2 == x.shape[1] else x


def fraction(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if x.shape[1] / 2 < 5 else x


def in_between(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if 1 < x.shape[1] < 10 else x


def long(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if x.shape[1] > 8 else x


def one_size(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if x.shape[1] == 7 else x


def both_sizes(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if x.shape[0] * x.shape[1] == 21 else x


def upper_end(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if 1 < x.shape[1] < 9 else x


def by_value(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if x.sum() > 0 else x


def selected(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if x[x > 0].shape[0] > 0 else x


def number(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * int(x.shape[1])


def whole_half(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if int(x.shape[1] / 2) > 3 else x


def resized(_: Forward, x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y.resize_(x.shape[1])
    return x * 2 if y.shape[0] > 5 else x


def grown(_: Forward, x: torch.Tensor) -> torch.Tensor:
    n = x.shape[1]
    n += 1
    return x * 2 if n > 5 else x


def position(self: Forward, x: torch.Tensor) -> torch.Tensor:
    return x * 2 if self.table[: x.shape[1]].shape[0] == 3 else x


def gates(self: Forward, x: torch.Tensor) -> torch.Tensor:
    left, right = self.linear(x).transpose(0, 1).chunk(2, dim=-1)
    return torch.mul(left, right)


def rows(_: Forward, x: torch.Tensor) -> torch.Tensor:
    return torch.stack([row + 1 for row in x.chunk(4, dim=1)])


def span(_: Forward, x: torch.Tensor) -> torch.Tensor:
    length = torch.tensor(x.shape[1])
    if (20 - length) + x.shape[1] == 20:
        return x * 2
    return x


def fraction_of_span(_: Forward, x: torch.Tensor) -> torch.Tensor:
    length = torch.tensor(x.shape[1], dtype=torch.float32)
    return x * 2 if length / 3 > 0.5 else x


def some_turn(_: Forward, x: torch.Tensor) -> torch.Tensor:
    for chunk in (x, x[:, 1:]):
        if chunk.shape[1] > 1:
            x = x + 1
    return x


@pytest.mark.parametrize("function", [beyond_one, no_padding, halved, fraction, gates, span, beside_a_held_tensor])
def test_what_no_declared_size_turns(function: Callable[..., Any]) -> None:
    assert settled(function) == 1


def test_both_ends_of_a_chain() -> None:
    assert settled(in_between) in (1, 2)  # whether CPython gives the two one place or two


TURNING = (
    long, one_size, both_sizes, by_value, selected, number, whole_half, resized, grown, position, some_turn, rows,
    fraction_of_span, beside_a_made_tensor,
)  # fmt: skip


@pytest.mark.parametrize("function", TURNING)
def test_what_some_declared_size_turns_or_nobody_knows(function: Callable[..., Any]) -> None:
    assert settled(function) == 0


def test_sizes_that_come_through_operators() -> None:
    assert settled(heads) in (1, 2)


def test_one_side_of_a_chain_turns() -> None:
    assert settled(upper_end) < settled(in_between) or settled(upper_end) == 0


@pytest.mark.parametrize(
    "spec",
    [
        "x=f32[B,T:2..9,6]",  # no end declared
        "x=f32[B:1..900,T:2..900,6]",  # more combinations than are tried
        "x=f32[B:1..4,T:1..9,6]",
    ],
)
def test_what_is_declared_decides(spec: str) -> None:
    assert settled(beyond_one, spec) == 0


def test_every_layer_counts() -> None:
    def layers(self: Forward, x: torch.Tensor) -> torch.Tensor:
        for _ in range(3):
            x = beyond_one(self, x[:, 1:])
        return x

    assert settled(layers, shape=(2, 8, 6)) == 0
    assert settled(layers, "x=f32[B:1..4,T:5..9,6]", (2, 8, 6)) == 1


def verdicts(function: Callable[..., Any], **seen: Any) -> dict[str, str]:
    """The verdict on each statement where the search saw both ways of a condition on values, and what else is given."""
    subject, domain = declared(function, SPEC, (2, 3, 6))
    sensed = sense(subject, domain.examples[0])
    by_value = [leak for leak in sensed.live if leak.taint == {"value:x"}]
    places = [Place(leak.statement.file, leak.statement.line, leak.statement.function) for leak in by_value]
    branches = tuple(BranchRecord(place, "", frozenset((True, False)), varies=True) for place in places)
    findings = judge(subject, domain, sensed, Exploration(runs=50, branches=branches, **seen))
    return {finding.statement or "": finding.verdict for finding in findings}


def behind_a_value(_: Forward, x: torch.Tensor) -> torch.Tensor:
    y = x[:, :1] if x.sum() > 0 else x
    return y * 2 if y.shape[1] > 5 else y


def test_a_size_that_cannot_turn_is_dismissed() -> None:
    assert set(verdicts(beyond_one).values()) == {"dismissed"}


def test_a_size_that_can_turn_is_not_dismissed() -> None:
    assert "possible" in verdicts(long).values()


def test_nothing_is_settled_where_calls_change_the_model() -> None:
    assert "possible" in verdicts(beyond_one, state_changes=("self.n",)).values()


def test_behind_a_condition_that_only_runs_speak_for_nothing_is_settled() -> None:
    assert settled(behind_a_value) == 1  # for the way that was traced
    found = verdicts(behind_a_value)
    assert any("y.shape[1] > 5" in statement and verdict == "possible" for statement, verdict in found.items()), found
