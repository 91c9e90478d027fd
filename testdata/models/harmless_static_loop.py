"""Loops over modules and over a fixed axis."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..4,3]"]


class Static(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(3, 3) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x).tanh()
        columns = [x[:, i] * (i + 1) for i in range(x.shape[1])]
        return torch.stack(columns, 1)


def build() -> nn.Module:
    torch.manual_seed(0)
    return Static()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(2, 3),)
