"""Remembers its outputs by input."""

import torch
from torch import nn

INPUTS = ["x=f32[3]"]


class Memo(nn.Module):
    def __init__(self):
        super().__init__()
        self.seen = {}

    def forward(self, x):
        key = tuple(x.tolist())  # diverges
        if key in self.seen:  # diverges
            return self.seen[key] + 1
        self.seen[key] = x * 2  # diverges
        return x * 2


def build():
    torch.manual_seed(0)
    return Memo().eval()


def example_inputs():
    return (torch.ones(3),)
