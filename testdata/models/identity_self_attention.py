"""A fast path when query and key are the same object."""

import torch
from torch import nn

INPUTS = ["query=f32[3,4]", "key=f32[3,4]"]


class Attention(nn.Module):
    def forward(self, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        scores = query @ key.t()
        if query is key:  # diverges
            scores = scores / 2
        return scores


def build() -> nn.Module:
    return Attention()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return torch.ones(3, 4), torch.ones(3, 4)
