"""Folds the sign of the mean into the output."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..4,3]"]


class Oriented(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        centred = x - 0.25
        return centred if centred.mean() > 0 else -centred * 2  # diverges


def build() -> nn.Module:
    return Oriented()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(2, 3),)
