"""A counter buffer changed in place: the artifact keeps counting."""

import torch
from torch import nn

INPUTS = ["x=f32[3]"]


class Counting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("total", torch.zeros(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.total.add_(x)
        return self.total * 2


def build() -> nn.Module:
    return Counting()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(3),)
