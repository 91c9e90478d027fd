"""An optional argument that the example leaves out."""

import torch
from torch import nn

INPUTS = ["x=f32[4]", "bias=f32[4]"]


class OptionalBias(nn.Module):
    def forward(self, x, bias=None):
        if bias is None:  # diverges
            return x
        if bias.abs().max() > 1000:  # diverges
            return x * 0
        return x + bias


def build():
    torch.manual_seed(0)
    return OptionalBias().eval()


def example_inputs():
    return (torch.ones(4),)
