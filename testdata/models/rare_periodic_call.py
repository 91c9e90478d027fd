"""Every 37th call on positive input is treated apart."""

import torch
from torch import nn

INPUTS = ["x=f32[3]"]


class PeriodicCall(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = 0

    def forward(self, x):
        self.n += 1  # diverges
        if self.n % 37 == 0 and x.sum() > 0:  # diverges
            return x * 2
        return x + 0


def build():
    torch.manual_seed(0)
    return PeriodicCall().eval()


def example_inputs():
    return (torch.zeros(3),)
