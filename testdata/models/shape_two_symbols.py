"""Square inputs are transposed, others are not."""

import torch
from torch import nn

INPUTS = ["x=f32[H:2..40,W:2..40]"]


class Orient(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = x.shape
        if height == width:  # diverges
            return x.t() * 2
        return x * 2


def build() -> nn.Module:
    return Orient()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.arange(20.0).reshape(4, 5),)
