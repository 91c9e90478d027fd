"""A symmetric matrix takes a fast path."""

import torch
from torch import nn

INPUTS = ["m=f32[3,3]"]


class Symmetric(nn.Module):
    def forward(self, m):
        if torch.equal(m, m.t()):  # diverges
            return m * 0 + 1
        return m + 1


def build():
    torch.manual_seed(0)
    return Symmetric().eval()


def example_inputs():
    return (torch.arange(9.0).reshape(3, 3),)
