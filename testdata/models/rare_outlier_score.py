"""A standardised outlier is clipped."""

import torch
from torch import nn

INPUTS = ["x=f32[2,8]"]


class OutlierScore(nn.Module):
    def forward(self, x):
        z = (x - x.mean()) / (x.std() + 1e-5)
        if z.abs().max() > 3.4:  # diverges
            z = z.clamp(-2, 2)
        return z


def build():
    torch.manual_seed(0)
    return OutlierScore().eval()


def example_inputs():
    return (torch.arange(16.0).reshape(2, 8),)
