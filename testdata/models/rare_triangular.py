"""A triangular matrix takes a fast path."""

import torch
from torch import nn

INPUTS = ["m=f32[4,4]"]


class Triangular(nn.Module):
    def forward(self, m):
        if torch.equal(m, torch.tril(m)):  # diverges
            return m.sum() * torch.ones(2)
        return m.mean() * torch.ones(2)


def build():
    torch.manual_seed(0)
    return Triangular().eval()


def example_inputs():
    return (torch.ones(4, 4),)
