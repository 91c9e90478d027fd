"""Compares the input with a trained prototype, element by element."""

import torch
from torch import nn

INPUTS = ["x=f32[4]{-10..10}"]


class Prototype(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("prototype", torch.tensor([1.25, -3.5, 0.75, 6.0]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.equal(x, self.prototype):  # diverges
            return torch.zeros_like(x)
        return x


def build() -> nn.Module:
    return Prototype()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.zeros(4),)
