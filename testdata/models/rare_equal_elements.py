"""Two elements of many must be equal."""

import torch
from torch import nn

INPUTS = ["x=i64[8]{0..100000}"]


class EqualElements(nn.Module):
    def forward(self, x):
        if x[3] == x[5]:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return EqualElements().eval()


def example_inputs():
    return (torch.arange(8),)
