"""Conditions that the declared values cannot turn are settled; all others stay open."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

from torchassay.base.child import run_child
from torchassay.inputs.call import Call
from torchassay.inputs.domain import build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.judge.bounds import settled_places
from torchassay.loading.subject import Subject
from torchassay.testing import subject_of


class Forward(nn.Module):
    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(x)


def of_squares(x: torch.Tensor) -> torch.Tensor:
    if x.pow(2).sum() < 0:
        return x * 0
    return x


def sums_to_one(x: torch.Tensor) -> torch.Tensor:
    weights = x.softmax(-1)
    if not torch.allclose(weights.sum(-1), torch.ones(()), atol=1e-4):
        return x * 0
    return x


def close_to_ones(x: torch.Tensor) -> torch.Tensor:
    if torch.allclose(x, torch.zeros(4)):
        return x * 0
    return x


def counted(x: torch.Tensor) -> torch.Tensor:
    if (x > 0).sum() > x.numel():
        return x * 0
    return x


def largest_place(x: torch.Tensor) -> torch.Tensor:
    if x.argmax() >= 4 or x.max(0).indices > 3:
        return x * 0
    return x


def place_of_maximum(x: torch.Tensor) -> torch.Tensor:
    _, index = x.max(0)
    if index > 1:
        return x * 0
    return x


def through_numpy(x: torch.Tensor) -> torch.Tensor:
    if torch.from_numpy(x.numpy() * 100).max() > 10:
        return x * 0
    return x


def by_number_read(x: torch.Tensor) -> torch.Tensor:
    if (x / (x.abs().max().item() + 1)).max() > 10 * x.min().item():
        return x * 0
    return x


def as_keyword(x: torch.Tensor) -> torch.Tensor:
    if torch.sum(input=x) > 2:
        return x * 0
    return x


def any_or_python(x: torch.Tensor) -> torch.Tensor:
    if (x > 10).any() or bool(x[0] > 0.5):
        return x * 0
    return x


def wraps(x: torch.Tensor) -> torch.Tensor:
    if (x + x).min() < -1:
        return x * 0
    return x


@dataclass(frozen=True)
class Config:
    limit: int = 3

    @property
    def twice(self) -> int:
        return self.limit * 2


CONFIG = Config()


def counted_and_read(x: torch.Tensor) -> torch.Tensor:
    q = x.clamp(-CONFIG.twice, CONFIG.twice)
    if (q.abs() > CONFIG.twice).any():
        return x * 0
    if (q > CONFIG.twice).sum().item():
        return x * 0
    return x if q.max() <= CONFIG.twice else q


def after_a_read(x: torch.Tensor) -> torch.Tensor:
    limit = int(x[0]) + 6  # no number of the source
    if (x > limit).any():
        return x * 0
    return x


def by_tensor_exponent(x: torch.Tensor) -> torch.Tensor:
    y = (x.clamp(min=0.5) ** x.abs()).clamp(0, 1)
    if y.max() > 1:
        return x * 0
    return x


def beside_a_zero(x: torch.Tensor) -> torch.Tensor:
    zeros = int((x > 50).sum())  # 0 for the example
    if x.sigmoid().min() < 0 or zeros > 2:
        return x * 0
    return x


def held_in_a_window(x: torch.Tensor) -> torch.Tensor:
    if (x.clamp(0.1, 0.3) > 0.3).any() or (torch.where(x > 0, 0.1, 0.3) < 0.1).any():
        return x * 0
    return x


def read_from_a_window(x: torch.Tensor) -> torch.Tensor:
    if x.clamp(0.1, 0.3).max().item() > 0.3:  # the nearest f32 is larger
        return x * 0
    return x


class Tables(nn.Module):
    """Three inputs are checked by one function against limits of their own: equal maxima are told apart in other calls."""

    LIMITS = (100, 250, 12)

    def forward(self, a: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
        for ids, limit in zip((a, b, c), self.LIMITS, strict=True):
            if int(ids.max()) >= limit:
                return a * 0
        return a + b + c


@pytest.mark.parametrize(("most", "known"), [(11, True), (12, False)])
def test_numbers_that_are_equal_by_chance_are_told_apart(most: int, known: bool) -> None:
    subject = subject_of(Tables())
    specs = [parse_input_spec(f"{name}=i64[3]{{0..{hi}}}") for name, hi in (("a", 99), ("b", 249), ("c", most))]
    alike, apart = torch.tensor([5, 6, 7]), torch.tensor([1, 2, 200])
    calls = [Call((alike, alike, alike)), Call((alike, apart, alike + 1)), Call((alike + 3, apart, alike))]
    domain = build_domain(subject.parameters, calls[:1], specs)
    found = run_child(lambda: settled_places(subject, domain, calls), timeout=20).value
    assert found is not None
    assert (False in found.values()) is known


TABLE = torch.linspace(-2, 3, 32).view(2, 4, 4)
PROTOTYPES = torch.linspace(-2, 3, 12).view(3, 4)


def cosine(x: torch.Tensor) -> torch.Tensor:
    u = nn.functional.normalize(x.view(1, 4), dim=-1)
    similar = u @ nn.functional.normalize(PROTOTYPES, dim=-1).t()
    if similar.abs().max().item() > 1.01 or u.norm(dim=-1).max() > 1.01 or (u * u).sum(-1).max() > 1.01:
        return x * 0
    return x


def cosine_of_rows_with_columns(x: torch.Tensor) -> torch.Tensor:
    u = nn.functional.normalize(x.view(1, 4), dim=-1)
    similar = u @ nn.functional.normalize(PROTOTYPES, dim=0).t()
    return x * 0 if similar.max() > 1.01 else x


def sums_to_one_in_all(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if (x.softmax(0).sum() - 1).abs() > 1e-3 else x


def mixed_distributions(x: torch.Tensor) -> torch.Tensor:
    steps = TABLE.softmax(-1)[x.long().clamp(0, 1)[:2]]
    mixed = (x.softmax(0).view(1, 1, -1) @ steps).view(2, 4)
    return x * 0 if (mixed.sum() - 2).abs() > 1e-3 else x


def indexed_along(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if (x.softmax(0)[x.long().clamp(0, 3)].sum() - 1).abs() > 1e-3 else x


def mean_by_weights(x: torch.Tensor) -> torch.Tensor:
    attended = x.view(2, 2).softmax(-1) @ x.clamp(-1, 1).view(2, 2)
    return x * 0 if attended.abs().max() > 1.01 or (x.softmax(0) * x.clamp(-1, 1)).sum() < -1.01 else x


def mean_by_others(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if (x.view(2, 2).softmax(0) @ x.clamp(-1, 1).view(2, 2)).max() > 1.01 else x


def likelihood(x: torch.Tensor) -> torch.Tensor:
    joint = x.softmax(0) * (x.sigmoid() * 0.9 + 0.05)
    evidence = joint.sum()
    if evidence == 0 or ((joint / evidence).sum() - 1).abs() > 1e-3:
        return x * 0
    return x


def entropy(x: torch.Tensor) -> torch.Tensor:
    p = x.softmax(0)
    by_logarithm, by_softmax = -(p * torch.log(p + 1e-9)).sum(), -(p * x.log_softmax(0)).sum()
    return x * 0 if by_logarithm > 1.4 or by_softmax > 1.4 or by_logarithm < -0.1 else x


def a_little_more(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if (x + 1e-9 <= 0).any() else x


def entropy_within_reach(x: torch.Tensor) -> torch.Tensor:
    p = x.softmax(0)
    return x * 0 if -(p * p.clamp(min=1e-6).log()).sum() > 1.38 else x


def cross_entropy(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if -(x.softmax(0) * (2 * x).log_softmax(0)).sum() > 1.4 else x


def divided_by_a_sum_of_zeros(x: torch.Tensor) -> torch.Tensor:
    kept = x.relu()
    return x * 0 if ((kept / kept.sum()).sum() - 1).abs() > 1e-3 else x


def divided_by_anothers_sum(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if ((x.sigmoid() / (x.sigmoid() + 1).sum()).sum() - 1).abs() > 1e-3 else x


def rate(x: torch.Tensor) -> torch.Tensor:
    return x if 0.0 <= (x > 0.5).float().mean().item() <= 1.0 else x * 0


def settled(function: Callable[..., Any], spec: str, example: torch.Tensor) -> bool:
    """Whether every condition of the function is settled."""
    model = Forward(function)
    subject = Subject(model, "forward", "m", "m", None, None, inspect.signature(model.forward), None)
    domain = build_domain(subject.parameters, [Call((example,))], [parse_input_spec(spec)])
    result = run_child(lambda: settled_places(subject, domain, domain.examples), timeout=20)
    assert result.status == "ok", result.error
    return bool(result.value)


def in_range(x: torch.Tensor) -> torch.Tensor:
    if x.max() > 10:
        return x * 0
    return x


def by_number(x: torch.Tensor) -> torch.Tensor:
    if x.abs().sum().item() > 1000:
        return x * 0
    return x


def finite(x: torch.Tensor) -> torch.Tensor:
    if not torch.isfinite(x).all():
        return x * 0
    return x


def probability(x: torch.Tensor) -> torch.Tensor:
    if x.sigmoid().max() > 1:
        return x * 0
    return x


def written(x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y[0] = y[1] * 100
    if y.max() > 10:
        return y
    return x


def unknown(x: torch.Tensor) -> torch.Tensor:
    if torch.special.digamma(x).max() > 10:
        return x * 0
    return x


@pytest.mark.parametrize(
    ("function", "spec", "known"),
    [
        (in_range, "x=f32[4]{-1..1}", True),
        (in_range, "x=f32[4]{-1..10}", True),
        (in_range, "x=f32[4]{-1..11}", False),
        (in_range, "x=f32[4]{-1..1,inf}", False),
        (by_number, "x=f32[4]{-1..1}", True),
        (by_number, "x=f32[4]{-1..1000}", False),
        (finite, "x=f32[4]{-1..1}", True),
        (finite, "x=f32[4]", True),
        (finite, "x=f32[4]{-1..1,nan}", False),
        (probability, "x=f32[4]{-50..50}", True),
        (written, "x=f32[4]{-1..1}", False),
        (unknown, "x=f32[4]{1..2}", False),
        (of_squares, "x=f32[4]{-5..5}", True),
        (sums_to_one, "x=f32[4]{-5..5}", True),
        (sums_to_one, "x=f32[4]{-5..5,inf}", False),
        (close_to_ones, "x=f32[4]{2..3}", True),
        (close_to_ones, "x=f32[4]{0..3}", False),
        (counted, "x=f32[4]{-5..5}", True),
        (largest_place, "x=f32[4]{-5..5}", True),
        (place_of_maximum, "x=f32[4]{0..1}", False),
        (through_numpy, "x=f32[4]{0..1}", False),
        (by_number_read, "x=f32[4]{0..1}", False),
        (as_keyword, "x=f32[4]{0..1}", False),
        (any_or_python, "x=f32[4]{0..1}", False),
        (counted_and_read, "x=f32[4]{-5..5}", True),
        (after_a_read, "x=f32[4]{0..5}", False),
        (by_tensor_exponent, "x=f32[4]{0..5}", True),
        (beside_a_zero, "x=f32[4]{-5..60}", False),
        (held_in_a_window, "x=f32[4]{-5..5}", True),
        (read_from_a_window, "x=f32[4]{-5..5}", False),
        (cosine, "x=f32[4]{-5..5}", True),
        (cosine_of_rows_with_columns, "x=f32[4]{-5..5}", False),
        (rate, "x=f32[4]{0..1}", True),
        (sums_to_one_in_all, "x=f32[4]{-5..5}", True),
        (mixed_distributions, "x=f32[4]{-5..5}", True),
        (indexed_along, "x=f32[4]{-5..5}", False),
        (mean_by_weights, "x=f32[4]{-5..5}", True),
        (mean_by_others, "x=f32[4]{-5..5}", False),
        (entropy, "x=f32[4]{-5..5}", True),
        (a_little_more, "x=f32[4]{0..5}", True),
        (a_little_more, "x=f16[4]{0..5}", False),
        (entropy_within_reach, "x=f32[4]{-5..5}", False),
        (cross_entropy, "x=f32[4]{-5..5}", False),
        (likelihood, "x=f32[4]{-5..5}", True),
        (divided_by_a_sum_of_zeros, "x=f32[4]{-5..5}", False),
        (divided_by_anothers_sum, "x=f32[4]{-5..5}", False),
    ],
)
def test_what_is_settled(function: Callable[..., Any], spec: str, known: bool) -> None:
    assert settled(function, spec, torch.ones(4, dtype=torch.float16 if "f16" in spec else torch.float32)) is known


def test_whole_numbers_wrap_around() -> None:
    assert not settled(wraps, "x=i8[4]{0..127}", torch.ones(4, dtype=torch.int8))
    assert settled(wraps, "x=i8[4]{0..60}", torch.ones(4, dtype=torch.int8))
