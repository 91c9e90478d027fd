"""What sorting, extremes, clamps and magnitudes tell of two tensors, and what they do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from torchassay.base.child import run_child
from torchassay.inputs.call import Call
from torchassay.inputs.domain import build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.judge.bounds import settled_places
from torchassay.judge.bounds_test import Forward
from torchassay.testing import subject_of


def extremes(x: torch.Tensor) -> torch.Tensor:
    if x.max() < x.min() or x.max() - x.min() < 0 or x.max() < x[1]:
        return x * 0
    return x


def extremes_as_numbers(x: torch.Tensor) -> torch.Tensor:
    hi, lo = float(x.max()), x.min().item()
    if hi < lo:
        return x * 0
    return x


def sorted_ends(x: torch.Tensor) -> torch.Tensor:
    flat, _ = x.flatten().sort()
    if flat[0] > flat[-1] or flat[1] > flat[2]:
        return x * 0
    return x


def quantiles(x: torch.Tensor) -> torch.Tensor:
    lo, hi = torch.quantile(x, torch.tensor([0.1, 0.9]))
    if lo > hi:
        return x * 0
    return x


def magnitudes(x: torch.Tensor) -> torch.Tensor:
    if (x.abs() < x).any() or (torch.relu(x) - x < 0).any() or (torch.maximum(x, x * 2) < x).any():
        return x * 0
    return x


def along(x: torch.Tensor) -> torch.Tensor:
    square = x.view(2, 2)
    if ((x - x.amax(0, keepdim=True)) > 0).any() or (square.amax(1) < square.amin(1)).any():
        return x * 0
    return x


def clamps(x: torch.Tensor) -> torch.Tensor:
    if (x.clamp(min=0.5) < x).any() or (x.clamp(max=0.5) > x).any() or (x + 0.25 < x).any():
        return x * 0
    return x


def wrong_way(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if x.max() > x.min() else x


def other_tensor(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if x.max() < (x * 2).min() else x


def descending(x: torch.Tensor) -> torch.Tensor:
    flat, _ = x.sort(descending=True)
    return x * 0 if flat[0] > flat[-1] else x


def quantiles_down(x: torch.Tensor) -> torch.Tensor:
    lo, hi = torch.quantile(x, torch.tensor([0.9, 0.1]))
    return x * 0 if lo > hi else x


def across(x: torch.Tensor) -> torch.Tensor:
    square = x.view(2, 2)
    return x * 0 if (square < square.amax(1)).any() else x  # a row meets the largest of another


def changed_since(x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    most = y.max()
    y.mul_(3)
    return x * 0 if most < y[0] else x


def both_clamped(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if (x.clamp(0.2, 0.5) < x).any() else x


KNOWN = (extremes, extremes_as_numbers, sorted_ends, quantiles, magnitudes, along, clamps)
UNKNOWN = (wrong_way, other_tensor, descending, quantiles_down, across, changed_since, both_clamped)


@pytest.mark.parametrize(("rule", "settled"), [*((rule, True) for rule in KNOWN), *((rule, False) for rule in UNKNOWN)])
def test_what_the_order_of_tensors_settles(rule: Callable[..., Any], settled: bool) -> None:
    subject = subject_of(Forward(rule))
    calls = [Call((torch.tensor([0.1, 0.6, 0.4, 0.9]),)), Call((torch.tensor([0.3, 0.2, 0.8, 0.7]),))]
    domain = build_domain(subject.parameters, calls[:1], [parse_input_spec("x=f32[4]{0..1}")])
    found = run_child(lambda: settled_places(subject, domain, calls), timeout=20)
    assert found.status == "ok", found.error
    assert found.value is not None
    first = rule.__code__.co_firstlineno
    lines = {place.line - first: way for place, way in found.value.items() if place.function == rule.__name__}
    assert (bool(lines) and set(lines.values()) == {False}) is settled
