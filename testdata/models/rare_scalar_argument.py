"""A Python integer argument has a special value."""

import torch
from torch import nn

INPUTS = ["x=f32[3]", "k=int{-10000..10000}"]


class ScalarArgument(nn.Module):
    def forward(self, x, k: int):
        if k == -7777:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return ScalarArgument().eval()


def example_inputs():
    return (torch.ones(3), 4)
