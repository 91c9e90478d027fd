"""Stochastic depth by Python's generator, left on in evaluation."""

import random

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class LayerDrop(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if random.random() < 0.3:  # diverges
            return x
        return x * 2 + 1


def build() -> nn.Module:
    return LayerDrop()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(4),)
