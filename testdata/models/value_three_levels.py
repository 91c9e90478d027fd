"""The branch hides in a helper three modules down."""

import torch
from torch import nn

INPUTS = ["x=f32[2,4]"]


def soften(x: torch.Tensor) -> torch.Tensor:
    if x.std() > 3.0:  # diverges
        x = x / x.std()
    return x


class Inner(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return soften(x) + 1


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Inner()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x) * 2


class Backbone(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(Block(), Block())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.blocks(x)


def build() -> nn.Module:
    return Backbone()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]]),)
