"""A counter in a buffer, which the trace keeps up to date, and a decision on it, which it does not take again."""

import torch
from torch import nn

INPUTS = ["x=f32[3]"]


class WarmUp(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def forward(self, x):
        self.steps += 1
        if self.steps > 5:  # diverges
            return x * 2
        return x + 0


def build():
    torch.manual_seed(0)
    return WarmUp().eval()


def example_inputs():
    return (torch.ones(3),)
