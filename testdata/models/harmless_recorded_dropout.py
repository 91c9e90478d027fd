"""Random numbers drawn by recorded operations stay random in the artifact."""

import torch
from torch import nn

INPUTS = ["x=f32[16]"]


class Noisy(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.randn_like(x) * 0.1


def build() -> nn.Module:
    return Noisy()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(16),)
