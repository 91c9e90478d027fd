"""Two cells take turns."""

import torch
from torch import nn

INPUTS = ["x=f32[2]"]


class Alternating(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.turn = 0
        self.gains = [1.0, 1.0, 1.0, 2.0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gain = self.gains[self.turn % len(self.gains)]  # diverges
        self.turn += 1  # diverges
        return x * gain


def build() -> nn.Module:
    return Alternating()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(2),)
