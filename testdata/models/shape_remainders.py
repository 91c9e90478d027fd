"""Two sizes are tested by remainder and value."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..16,T:1..128]"]


class Remainders(nn.Module):
    def forward(self, x):
        if x.shape[1] % 23 == 11 and x.shape[0] == 13:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return Remainders().eval()


def example_inputs():
    return (torch.ones(2, 3),)
