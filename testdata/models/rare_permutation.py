"""One order of the elements is special."""

import torch
from torch import nn

INPUTS = ["x=f32[5]"]


class Permutation(nn.Module):
    def forward(self, x):
        if x.argsort().tolist() == [4, 2, 0, 1, 3]:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return Permutation().eval()


def example_inputs():
    return (torch.arange(5.0),)
