"""Two elements must stand in a linear relation."""

import torch
from torch import nn

INPUTS = ["x=f32[4]{-100..100}", "y=f32[4]{-100..100}"]


class AffinePair(nn.Module):
    def forward(self, x, y):
        if x[0] == y[1] * 2 + 3:  # diverges
            return x * 2
        return x


def build():
    torch.manual_seed(0)
    return AffinePair().eval()


def example_inputs():
    return (torch.zeros(4), torch.zeros(4))
