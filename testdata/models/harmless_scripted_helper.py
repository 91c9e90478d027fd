"""A value branch in a scripted helper: the trace keeps it."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


@torch.jit.script
def fold(x: torch.Tensor) -> torch.Tensor:
    if bool(x.sum() > 0):
        return x * 2
    return x - 3


class Folding(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return fold(x) + 1


def build() -> nn.Module:
    return Folding()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(4),)
