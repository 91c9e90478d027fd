"""Conditions that arithmetic excludes."""

import torch
from torch import nn

INPUTS = ["x=f32[5]{-100..100}"]


class ImpossibleSide(nn.Module):
    def forward(self, x):
        d = (x - x.mean()).abs()
        if (d < 0).any():
            return x * 0
        p = d.sigmoid()
        if p.max() > 1.0:
            return p * 0
        return p


def build():
    torch.manual_seed(0)
    return ImpossibleSide().eval()


def example_inputs():
    return (torch.ones(5),)
