"""Constants are found wherever a model keeps its settings."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from torchassay.explore.literals import collect

LIMIT = 1001


class Level(enum.IntEnum):
    LOW = 1002


class Window(NamedTuple):
    width: int = 1003


@dataclass(slots=True)
class Gate:
    at: float = 1004.5


@dataclass(frozen=True)
class Config:
    gate: Gate = field(default_factory=Gate)
    window: Window = field(default_factory=Window)
    level: Level = Level.LOW
    name: str = "studio"
    steps: tuple[int, ...] = (1005, 1006)


class Model(nn.Module):
    floor = 1007

    def __init__(self) -> None:
        super().__init__()
        self.config = Config()
        self.loose = {"a": [1008]}
        self.register_buffer("cut", torch.tensor([1009]))

    def forward(self, x: torch.Tensor, scale: int = 1010) -> torch.Tensor:
        return x * scale if x.sum() > LIMIT else x - 1011


@pytest.mark.parametrize("number", [1001, 1002, 1003, 1004.5, 1005, 1006, 1007, 1008, 1009, 1010, 1011])
def test_a_number_is_found(number: float) -> None:
    assert number in collect(Model()).numbers


def test_a_text_is_found_and_no_foreign_object_is_opened() -> None:
    model = Model()
    model.other = SimpleNamespace(hidden=1012)  # type: ignore[assignment]
    assert "studio" in collect(model).texts
    assert 1012 not in collect(model).numbers


def test_numbers_that_stand_together_are_kept_together() -> None:
    model: Any = Model()
    model._phrases = {(7, 8, 9): "end"}
    model.register_buffer("marker", torch.tensor([31, 17, 1]))
    assert {(7, 8, 9), (31, 17, 1), (1005, 1006)} <= set(collect(model).sequences)
