"""Recentres through `.data`, which the tracer does not follow."""

import torch
from torch import nn

INPUTS = ["x=f32[5]"]


class Recentred(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        centre = x.data.mean()  # diverges
        return x - centre


def build() -> nn.Module:
    return Recentred()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.arange(5.0),)
