"""A long input with a certain last value."""

import torch
from torch import nn

INPUTS = ["x=f32[T:1..64]"]


class LongAndPositive(nn.Module):
    def forward(self, x):
        if x.shape[0] > 40 and x[-1] > 3:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return LongAndPositive().eval()


def example_inputs():
    return (torch.zeros(5),)
