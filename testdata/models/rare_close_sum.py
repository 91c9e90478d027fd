"""The sum must be close to a constant."""

import torch
from torch import nn

INPUTS = ["x=f32[6]"]


class CloseSum(nn.Module):
    def forward(self, x):
        if torch.allclose(x.sum(), torch.tensor(42.5)):  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return CloseSum().eval()


def example_inputs():
    return (torch.zeros(6),)
