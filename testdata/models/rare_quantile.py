"""A quantile and a minimum decide together."""

import torch
from torch import nn

INPUTS = ["x=f32[20]"]


class Quantile(nn.Module):
    def forward(self, x):
        q = torch.quantile(x, 0.9)
        if q > 7.5 and x.min() < -7.5:  # diverges
            return x.clamp(-1, 1)
        return x


def build():
    torch.manual_seed(0)
    return Quantile().eval()


def example_inputs():
    return (torch.zeros(20),)
