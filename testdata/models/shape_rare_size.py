"""A tuned kernel for one exact size."""

import torch
from torch import nn

INPUTS = ["x=f32[N:1..4096]"]


class Tuned(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[0] == 1733:  # diverges
            return x * 2
        return x


def build() -> nn.Module:
    return Tuned()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(6),)
