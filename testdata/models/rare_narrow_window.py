"""A calibration that applies only in a narrow band of the mean."""

import torch
from torch import nn

INPUTS = ["x=f32[6]{-100..100}"]


class Banded(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        level = x.mean()
        if 37.25 < level < 37.26:  # diverges
            return x - level
        return x * 1.5


def build() -> nn.Module:
    return Banded()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(6),)
