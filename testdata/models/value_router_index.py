"""Picks one expert by an integer input."""

import torch
from torch import nn

INPUTS = ["task=i64[]{0..2}", "x=f32[2,5]"]


class Routed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(5, 2) for _ in range(3))

    def forward(self, task: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return self.heads[task](x)  # diverges


def build() -> nn.Module:
    torch.manual_seed(0)
    return Routed()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return torch.tensor(1), torch.ones(2, 5)
