"""Checks the length of a fixed list."""

import torch
from torch import nn

INPUTS = ["xs[0]=f32[2,3]", "xs[1]=f32[2,3]"]


class ListLength(nn.Module):
    def forward(self, xs):
        if len(xs) != 2:
            raise ValueError
        return torch.cat(list(xs), 1)


def build():
    torch.manual_seed(0)
    return ListLength().eval()


def example_inputs():
    return ([torch.ones(2, 3), torch.ones(2, 3)],)
