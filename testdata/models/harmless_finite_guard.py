"""Raises on values that the declaration excludes."""

import torch
from torch import nn

INPUTS = ["x=f32[6]{-10..10}"]


class FiniteGuard(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.isfinite(x).all():
            raise ValueError("input is not finite")
        return x.tanh()


def build() -> nn.Module:
    return FiniteGuard()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.linspace(-1, 1, 6),)
