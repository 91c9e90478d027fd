"""Warm-up: the gain grows with the number of calls."""

import torch
from torch import nn

INPUTS = ["x=f32[3]"]


class WarmUp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1  # diverges
        return x * min(1.0, self.calls / 10)  # diverges


def build() -> nn.Module:
    return WarmUp()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(3),)
