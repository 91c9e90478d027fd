"""Counts outliers and switches to a robust mean when there are many."""

import torch
from torch import nn

INPUTS = ["x=f32[12]{0..1}"]


class RobustMean(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outliers = int((x > 0.95).sum())  # diverges
        if outliers >= 9:  # diverges
            return x.median() * torch.ones(2)
        return x.mean() * torch.ones(2)


def build() -> nn.Module:
    return RobustMean()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.linspace(0, 0.5, 12),)
