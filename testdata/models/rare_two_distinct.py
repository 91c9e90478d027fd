"""Exactly two distinct ids."""

import torch
from torch import nn

INPUTS = ["ids=i64[10]{0..1000}"]


class TwoDistinct(nn.Module):
    def forward(self, ids):
        n = torch.unique(ids).numel()  # diverges
        if n == 2:  # diverges
            return ids * 0
        return ids + 1


def build():
    torch.manual_seed(0)
    return TwoDistinct().eval()


def example_inputs():
    return (torch.arange(10),)
