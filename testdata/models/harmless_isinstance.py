"""Accepts a tensor or a pair, of which only one is declared."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class Either(nn.Module):
    def forward(self, x: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor:
        if isinstance(x, tuple):
            x = torch.stack(x).sum(0)
        if not isinstance(x, torch.Tensor):
            raise TypeError("tensor expected")
        return x * 3


def build() -> nn.Module:
    return Either()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(4),)
