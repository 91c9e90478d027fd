"""Two points at a certain distance."""

import torch
from torch import nn

INPUTS = ["a=f32[2]{-50..50}", "b=f32[2]{-50..50}"]


class DistanceShell(nn.Module):
    def forward(self, a, b):
        d = torch.dist(a, b)
        if 1.0 < d < 1.001:  # diverges
            return a
        return a - b


def build():
    torch.manual_seed(0)
    return DistanceShell().eval()


def example_inputs():
    return (torch.zeros(2), torch.ones(2) * 10)
