"""Unpacks chunks of a fixed axis."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..4,12]"]


class ChunkUnpack(nn.Module):
    def forward(self, x):
        q, k, v = x.chunk(3, dim=-1)
        a, *rest = x.split([4, 8], dim=-1)
        return q * k + v + a + sum(r.mean() for r in rest)


def build():
    torch.manual_seed(0)
    return ChunkUnpack().eval()


def example_inputs():
    return (torch.ones(2, 12),)
