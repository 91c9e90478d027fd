"""Selects by a mask: the size of the result is recorded, not frozen."""

import torch
from torch import nn

INPUTS = ["x=f32[6]", "mask=bool[6]"]


class Selected(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return x[mask].sum() / mask.sum().clamp(min=1)


def build() -> nn.Module:
    return Selected()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return torch.ones(6), torch.tensor([True, False, True, True, False, False])
