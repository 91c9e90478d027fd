"""Two lengths must stand in a relation."""

import torch
from torch import nn

INPUTS = ["a=f32[N:1..50]", "b=f32[M:1..50]"]


class TwoLengths(nn.Module):
    def forward(self, a, b):
        if len(a) == 3 * len(b) + 1:  # diverges
            return a * 0
        return a + 1


def build():
    torch.manual_seed(0)
    return TwoLengths().eval()


def example_inputs():
    return (torch.ones(3), torch.ones(3))
