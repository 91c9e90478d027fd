"""A Python mode argument with a rare value."""

import torch
from torch import nn

INPUTS = ["x=f32[3]", 'mode="mean"', 'mode="max"', 'mode="logsumexp"']


class Pooling(nn.Module):
    def forward(self, x: torch.Tensor, mode: str) -> torch.Tensor:
        if mode == "mean":  # diverges
            return x.mean()
        if mode == "max":  # diverges
            return x.max()
        return x.logsumexp(0)


def build() -> nn.Module:
    return Pooling()


def example_inputs() -> tuple[object, ...]:
    return torch.ones(3), "mean"
