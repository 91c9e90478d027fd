"""Two markers must stand at the two ends."""

import torch
from torch import nn

INPUTS = ["ids=i64[5]{0..50000}"]


class Bracketed(nn.Module):
    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        first, last = int(ids[0]), int(ids[-1])  # diverges
        if first == 40123 and last == 1777:  # diverges
            return ids[1:-1] * 2
        return ids[1:-1]


def build() -> nn.Module:
    return Bracketed()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.arange(5),)
