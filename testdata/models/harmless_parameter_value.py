"""Reads a parameter as a number: it cannot vary."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class Tempered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(0.7))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        temperature = self.temperature.item()
        if temperature <= 0:
            raise ValueError("temperature must be positive")
        return (x / temperature).softmax(0)


def build() -> nn.Module:
    return Tempered()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(4),)
