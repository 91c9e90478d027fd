"""A running mean that is assigned again instead of changed in place."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class Running(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.mean = 0.9 * self.mean + 0.1 * x  # diverges
        return x - self.mean


def build() -> nn.Module:
    return Running()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(4),)
