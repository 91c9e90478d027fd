"""Clips an embedding only when its norm passes a limit, as gradient clipping helpers do."""

import torch
from torch import nn

INPUTS = ["x=f32[4,6]"]


def clip_by_norm(x: torch.Tensor, limit: float) -> torch.Tensor:
    norm = x.norm()
    if norm <= limit:  # diverges
        return x
    return x * (limit / norm)


class Clipper(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return clip_by_norm(x, 5.0) + 1.0


def build() -> nn.Module:
    return Clipper()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.full((4, 6), 0.1),)
