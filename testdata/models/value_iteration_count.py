"""The number of halvings decides."""

import torch
from torch import nn

INPUTS = ["x=f32[5]{-1000..1000}"]


class IterationCount(nn.Module):
    def forward(self, x):
        n = 0
        while x.abs().max() > 1:  # diverges
            x = x / 2
            n += 1
        if n == 9:  # diverges
            return x * 0
        return x * 0 + 1


def build():
    torch.manual_seed(0)
    return IterationCount().eval()


def example_inputs():
    return (torch.zeros(5),)
