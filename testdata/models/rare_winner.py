"""The winner must be one class, and clear."""

import torch
from torch import nn

INPUTS = ["x=f32[10]"]


class Winner(nn.Module):
    def forward(self, x):
        if x.argmax() == 5 and x.max() > 50:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return Winner().eval()


def example_inputs():
    return (torch.zeros(10),)
