"""Both sides of the branch compute the same."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class EqualSides(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.sum() > 0:
            return x * 2
        return x + x


def build() -> nn.Module:
    return EqualSides()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(4),)
