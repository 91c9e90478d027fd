"""A recurrent layer over a varying length."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..3,T:1..6,4]"]


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.LSTM(4, 5, batch_first=True)

    def forward(self, x):
        y, (h, c) = self.l(x)
        return y[:, -1] + h[-1]


def build():
    torch.manual_seed(0)
    return Lstm().eval()


def example_inputs():
    return (torch.ones(2, 3, 4),)
