"""Treats an exact sentinel value as missing."""

import torch
from torch import nn

INPUTS = ["x=f32[6]"]

MISSING = -999.25


class Sentinel(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        missing = x == MISSING
        if missing.any():  # diverges
            x = torch.where(missing, torch.zeros_like(x), x) + 1
        return x


def build() -> nn.Module:
    return Sentinel()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.linspace(-1, 1, 6),)
