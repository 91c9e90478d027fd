"""A narrow band of a probability."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class ProbabilityBand(nn.Module):
    def forward(self, x):
        s = torch.sigmoid(x.mean())
        if 0.7312 < s < 0.7313:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return ProbabilityBand().eval()


def example_inputs():
    return (torch.zeros(4),)
