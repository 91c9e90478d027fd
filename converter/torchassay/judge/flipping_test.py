"""Conditions that guard only logs and statistics decide nothing; all others do, however small what they guard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from torchassay.base.child import run_child
from torchassay.explore.counterexample import Place
from torchassay.explore.functions import functions_of
from torchassay.explore.instrument import Instrument
from torchassay.explore.probe import Probe
from torchassay.inputs.call import Call
from torchassay.judge.flipping import idle_places
from torchassay.testing import subject_of


class Watched(nn.Module):
    def __init__(self, rule: Callable[..., Any]) -> None:
        super().__init__()
        self.rule = rule
        self.rows: dict[str, float] = {"dead": 0}
        self.gain = 1.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.rule(self, x) * 2
        return result


def statistic(m: Watched, x: torch.Tensor) -> torch.Tensor:
    row = m.rows
    if x.abs().max() < 1e-9:
        row["dead"] += 1
    return x


def read_and_counted(m: Watched, x: torch.Tensor) -> torch.Tensor:
    mean = float(x.mean())
    if mean > 1e6:
        m.rows["dead"] += 1
    return x


def clamped(_: Watched, x: torch.Tensor) -> torch.Tensor:
    if x.abs().max() > 1e9:
        x = x.clamp(-1e9, 1e9)  # changes no value of the example
    return x


def constant(_: Watched, x: torch.Tensor) -> torch.Tensor:
    scale = 2.0 if x.abs().max() > 1e9 else 1.0
    return x * scale


def remembered(m: Watched, x: torch.Tensor) -> torch.Tensor:
    y = x * m.gain
    if x.abs().max() > 1e9:
        m.gain = 0.5  # the next call reads it
    return y


def counted(m: Watched, x: torch.Tensor) -> torch.Tensor:
    if x.abs().max() > 1e9:
        m.rows["dead"] += 1
    return x * 0 if m.rows["dead"] > 3 else x  # reads what the other condition counts


def nested(_: Watched, x: torch.Tensor) -> torch.Tensor:
    if x.max() > 1e9 and x.min() < -1e9:  # the second is met only where the first holds
        return x * 0
    return x


def refused(_: Watched, x: torch.Tensor) -> torch.Tensor:
    if x.abs().max() > 1e9:
        raise ValueError("too large")
    return x


def endless(_: Watched, x: torch.Tensor) -> torch.Tensor:
    while x.abs().max() > 1e9:
        x = x / 2
    return x


@pytest.mark.parametrize(
    ("rule", "idle"),
    [
        (statistic, True),
        (read_and_counted, True),
        (clamped, False),
        (constant, False),
        (remembered, False),
        (counted, False),
        (nested, False),
        (refused, False),
        (endless, False),
    ],
)
def test_what_decides_nothing(rule: Callable[..., Any], idle: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torchassay.judge.flipping._SECONDS", 2.0)
    torch.set_num_threads(1)
    subject = subject_of(Watched(rule))
    calls = (Call((torch.ones(3),)), Call((torch.full((3,), 2.0),)))
    places = conditions_of(subject.model)
    assert places
    found = run_child(lambda: idle_places(subject, calls, places), timeout=60)
    assert found.status == "ok", found.error
    assert (found.value == frozenset(places)) is idle


def conditions_of(model: nn.Module) -> list[Place]:
    instrument = Instrument(Probe())
    instrument.install(functions_of(model))
    instrument.remove()
    return list({condition.place for condition in instrument.sites.conditions})
