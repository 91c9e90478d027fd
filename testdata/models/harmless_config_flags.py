"""Branches on configuration only."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..4,6]"]


class Configured(nn.Module):
    def __init__(self, activation: str = "gelu", residual: bool = True, layers: int = 2) -> None:
        super().__init__()
        self.activation = activation
        self.residual = residual
        self.layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(layers))
        self.scale = None if residual else nn.Parameter(torch.ones(6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for index, layer in enumerate(self.layers):
            y = layer(x)
            if self.activation == "gelu":
                y = nn.functional.gelu(y)
            elif self.activation == "relu":
                y = y.relu()
            if self.residual and index > 0:
                y = y + x
            if self.scale is not None:
                y = y * self.scale
            x = y
        return x


def build() -> nn.Module:
    torch.manual_seed(0)
    return Configured().eval()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(2, 6),)
