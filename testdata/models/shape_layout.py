"""Branches on the memory format."""

import torch
from torch import nn

INPUTS = ["x=f32[1,3,4,4]", "x=f32[1,3,4,4]@channels_last"]


class LayoutAware(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.is_contiguous(memory_format=torch.channels_last):  # diverges
            return x.mean((2, 3)) + 1
        return x.mean((2, 3))


def build() -> nn.Module:
    return LayoutAware()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(1, 3, 4, 4),)
