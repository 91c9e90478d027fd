"""Divides by the number of elements, as a Python number."""

import torch
from torch import nn

INPUTS = ["x=f32[A:1..4,B:1..4]"]


class MeanByHand(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.sum() / x.shape.numel()  # diverges


def build() -> nn.Module:
    return MeanByHand()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(2, 3),)
