"""Bytes are limited, wide integers are not."""

import torch
from torch import nn

INPUTS = ["x=i64[4]{0..300}", "x=u8[4]{0..255}"]


class IntegerTypes(nn.Module):
    def forward(self, x):
        y = x + 100
        if x.dtype == torch.uint8:  # diverges
            y = y.clamp(max=200)
        return y


def build():
    torch.manual_seed(0)
    return IntegerTypes().eval()


def example_inputs():
    return (torch.arange(4),)
