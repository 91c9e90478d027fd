"""Dropout and batch norm in evaluation."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..4,3,6,6]"]


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.drop(self.norm(self.conv(x)).relu())
        return self.head(x.mean((2, 3)))


def build() -> nn.Module:
    torch.manual_seed(0)
    return Small().eval()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(2, 3, 6, 6),)
