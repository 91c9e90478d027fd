"""Keeps statistics for a log that no output depends on."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class Logged(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.history: list[float] = []
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.history.append(float(x.mean()))
        return x.relu()


def build() -> nn.Module:
    return Logged()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(4),)
