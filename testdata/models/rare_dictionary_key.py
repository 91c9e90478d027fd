"""A table of special ids, held as a class attribute."""

import torch
from torch import nn

INPUTS = ["kind=i64[]{0..1000000}", "x=f32[3]"]


class Special(nn.Module):
    OFFSETS = {4711: 1.0, 815000: -2.0, 99: 0.0}

    def forward(self, kind: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return x + self.OFFSETS.get(int(kind), 0.0)  # diverges


def build() -> nn.Module:
    return Special()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return torch.tensor(7), torch.ones(3)
