"""A fast path for input that is sorted already."""

import torch
from torch import nn

INPUTS = ["x=f32[7]"]


class SortedFastPath(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if bool((x[1:] >= x[:-1]).all()):  # diverges
            return x.cumsum(0)
        return x.sort(descending=True).values


def build() -> nn.Module:
    return SortedFastPath()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.tensor([3.0, 1.0, 2.0, 5.0, 4.0, 0.0, 6.0]),)
