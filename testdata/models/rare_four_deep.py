"""Four branches inside each other."""

import torch
from torch import nn

INPUTS = ["x=f32[6]{-9..9}"]


class FourDeep(nn.Module):
    def forward(self, x):
        y = x + 1
        if x[0] > 8.5:  # diverges
            if x[1] < -8.5:  # diverges
                if (x[2] * x[3]) > 60:  # diverges
                    if x[4].abs() < 1e-3 and x[5] > x[2]:  # diverges
                        y = y * 2
        return y


def build():
    torch.manual_seed(0)
    return FourDeep().eval()


def example_inputs():
    return (torch.ones(6),)
