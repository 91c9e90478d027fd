"""Raises beyond a range that the declaration keeps."""

import torch
from torch import nn

INPUTS = ["x=f32[4]{-1..1}"]


class RangeCheck(nn.Module):
    def forward(self, x):
        hi = x.max().item()
        if hi > 2.0:
            raise ValueError("out of range")
        return x.clamp(-1, 1)


def build():
    torch.manual_seed(0)
    return RangeCheck().eval()


def example_inputs():
    return (torch.zeros(4),)
