"""Every row is sure, and one of them of a certain class."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..3,5]"]


class ConfidentClass(nn.Module):
    def forward(self, x):
        p = x.softmax(-1)
        c, i = p.max(-1)
        if (c > 0.99).all() and (i == 3).any():  # diverges
            return p * 0
        return p


def build():
    torch.manual_seed(0)
    return ConfidentClass().eval()


def example_inputs():
    return (torch.zeros(2, 5),)
