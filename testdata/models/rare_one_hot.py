"""A one-hot input is read as an index."""

import torch
from torch import nn

INPUTS = ["x=f32[6]"]


class OneHot(nn.Module):
    def forward(self, x):
        if ((x == 0) | (x == 1)).all() and x.sum() == 1:  # diverges
            return x.argmax() + torch.zeros(1)
        return x.sum() + torch.zeros(1)


def build():
    torch.manual_seed(0)
    return OneHot().eval()


def example_inputs():
    return (torch.full((6,), 0.5),)
