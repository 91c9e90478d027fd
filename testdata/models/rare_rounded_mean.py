"""The rounded mean decides."""

import torch
from torch import nn

INPUTS = ["x=f32[4]{0..100}"]


class RoundedMean(nn.Module):
    def forward(self, x):
        r = int(round(float(x.mean())))  # diverges
        if r == 63:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return RoundedMean().eval()


def example_inputs():
    return (torch.ones(4),)
