"""A key-value cache in a plain attribute."""

import torch
from torch import nn

INPUTS = ["x=f32[1,2]"]


class Cached(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cache: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.cache is None:  # diverges
            self.cache = x  # diverges
        else:
            self.cache = torch.cat([self.cache, x])  # diverges
        return self.cache.sum(0)  # diverges


def build() -> nn.Module:
    return Cached()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(1, 2),)
