"""Patience runs out after calls without improvement."""

import torch
from torch import nn

INPUTS = ["x=f32[3]"]


class Patience(nn.Module):
    def __init__(self):
        super().__init__()
        self.best = None
        self.bad = 0

    def forward(self, x):
        if self.best is None or x.sum() > self.best:  # diverges
            self.best = float(x.sum())  # diverges
            self.bad = 0  # diverges
        else:
            self.bad += 1  # diverges
        if self.bad >= 4:  # diverges
            return x * 0.1
        return x


def build():
    torch.manual_seed(0)
    return Patience().eval()


def example_inputs():
    return (torch.ones(3),)
