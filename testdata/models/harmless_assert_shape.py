"""Checks a fixed size, and a range that the declaration keeps."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..16,T:1..64,4]"]


class Asserting(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert x.shape[-1] == 4, "four features expected"
        if x.shape[1] > 64:
            raise ValueError("sequence too long")
        return x.cumsum(1)


def build() -> nn.Module:
    return Asserting()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(2, 5, 4),)
