"""Accepts one image or a batch."""

import torch
from torch import nn

INPUTS = ["x=f32[3,4,4]", "x=f32[2,3,4,4]"]


class AnyRank(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() == 3:  # diverges
            x = x.unsqueeze(0)
        return self.conv(x).mean((2, 3))


def build() -> nn.Module:
    torch.manual_seed(0)
    return AnyRank().eval()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(3, 4, 4),)
