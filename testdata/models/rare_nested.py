"""A branch inside a branch that the example never enters."""

import torch
from torch import nn

INPUTS = ["x=f32[4]{-50..50}", "gain=f32[]{0..20}"]


class Nested(nn.Module):
    def forward(self, x: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        y = x + 1
        if x[0] > 31.0:  # diverges
            y = x + 1.0
            if gain > 17.5:  # diverges
                y = x + 1
                if (x[1] - x[2]).abs() > 60.0:  # diverges
                    y = y * 3
        return y


def build() -> nn.Module:
    return Nested()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return torch.zeros(4), torch.tensor(1.0)
