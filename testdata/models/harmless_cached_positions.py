"""Caches positions by a fixed length."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..3,6,4]"]


class CachedPositions(nn.Module):
    def __init__(self):
        super().__init__()
        self.cache = {}

    def forward(self, x):
        key = (x.shape[1], str(x.device))
        if key not in self.cache:
            self.cache[key] = torch.arange(x.shape[1]).float()[None, :, None]
        return x + self.cache[key]


def build():
    torch.manual_seed(0)
    return CachedPositions().eval()


def example_inputs():
    return (torch.ones(2, 6, 4),)
