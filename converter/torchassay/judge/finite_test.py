"""Conditions that see only inputs of a few values are decided by running these; all others are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from torchassay.base.child import run_child
from torchassay.inputs.call import Call
from torchassay.inputs.domain import build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.judge.finite import decided_places, finite_inputs
from torchassay.testing import subject_of

RATES = "rate=i64[]{8000,16000,48000}"


class Rated(nn.Module):
    def __init__(self, rule: Callable[..., Any]) -> None:
        super().__init__()
        self.rule = rule

    def forward(self, x: torch.Tensor, rate: torch.Tensor) -> Any:
        return self.rule(x, rate)


def known(x: torch.Tensor, rate: torch.Tensor) -> torch.Tensor:
    return x if rate.item() in (8000, 16000, 32000, 48000) else x * 0


def multiple(x: torch.Tensor, rate: torch.Tensor) -> torch.Tensor:
    return x * 0 if int(rate) % 8000 else x


def wide(x: torch.Tensor, rate: torch.Tensor) -> torch.Tensor:
    return x if int(rate) > 8000 else x * 0


def mixed(x: torch.Tensor, rate: torch.Tensor) -> torch.Tensor:
    return x if int(rate) > float(x.max()) else x * 0


@pytest.mark.parametrize(("rule", "decided"), [(known, 1), (multiple, 1), (wide, 0), (mixed, 0)])
def test_what_is_decided(rule: Callable[..., Any], decided: int) -> None:
    subject = subject_of(Rated(rule))
    specs = [parse_input_spec(spec) for spec in ("x=f32[N:1..4]{-1..1}", RATES)]
    domain = build_domain(subject.parameters, [Call((torch.ones(2), torch.tensor(16000)))], specs)
    found = run_child(lambda: decided_places(subject, domain), timeout=30).value
    assert found is not None
    assert len(found) == decided


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        (RATES, 3),
        ("rate=bool[]", 2),
        ("rate=i64[1]{0..9}", 10),
        ("rate=i64[]{0..999}", 0),
        ("rate=f32[]{0..1}", 0),
        ("rate=i64[2]{0,1}", 0),
    ],
)
def test_which_inputs_are_finite(spec: str, count: int) -> None:
    subject = subject_of(Rated(known))
    domain = build_domain(subject.parameters, [], [parse_input_spec("x=f32[2]"), parse_input_spec(spec)])
    assert len(finite_inputs(domain).get("rate", ())) == count
