"""Builds one weight per row through a Python list."""

import torch
from torch import nn

INPUTS = ["x=f32[N:1..6,2]"]


class Weighted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.5]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = torch.cat([self.weight] * x.shape[0])  # diverges
        return weights.sum() * x.mean(0)


def build() -> nn.Module:
    return Weighted()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(3, 2),)
