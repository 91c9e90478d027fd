"""Warns, and changes nothing."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class Warning(nn.Module):
    def forward(self, x):
        import warnings

        if not bool(torch.isfinite(x).all()):
            warnings.warn("non finite")
        return x.relu()


def build():
    torch.manual_seed(0)
    return Warning().eval()


def example_inputs():
    return (torch.ones(4),)
