"""A single sample loses its batch axis."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..8,5]"]


class Squeezed(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch = len(x)  # diverges
        if batch == 1:  # diverges
            return x[0] * 2
        return x.mean(0)


def build() -> nn.Module:
    return Squeezed()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(3, 5),)
