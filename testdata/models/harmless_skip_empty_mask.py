"""Skips a fill that would fill nothing."""

import torch
from torch import nn

INPUTS = ["x=f32[4,3]", "m=bool[4]"]


class SkipEmptyMask(nn.Module):
    def forward(self, x, m):
        if m.any():
            x = x.masked_fill(m[:, None], 0.0)
        return x


def build():
    torch.manual_seed(0)
    return SkipEmptyMask().eval()


def example_inputs():
    return (torch.ones(4, 3), torch.tensor([True, False, False, True]))
