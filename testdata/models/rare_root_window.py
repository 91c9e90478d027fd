"""A mean that lies in a band a ten-thousandth wide."""

import torch
from torch import nn

INPUTS = ["x=f32[10]{0..1}"]


class RootWindow(nn.Module):
    def forward(self, x):
        mean = x.mean()
        if 0.6180 < mean < 0.6181:  # diverges
            return -x
        return x * 1


def build():
    torch.manual_seed(0)
    return RootWindow().eval()


def example_inputs():
    return (torch.full((10,), 0.5),)
