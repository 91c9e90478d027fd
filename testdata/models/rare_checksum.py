"""Accepts a frame only when its checksum fits."""

import torch
from torch import nn

INPUTS = ["frame=i64[4]{0..255}"]


class Checked(nn.Module):
    def forward(self, frame: torch.Tensor) -> torch.Tensor:
        total = int(frame.sum())  # diverges
        if total == 777:  # diverges
            return frame * 10
        return frame


def build() -> nn.Module:
    return Checked()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.tensor([1, 2, 3, 4]),)
