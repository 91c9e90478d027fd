"""Exactly three elements must have one value."""

import torch
from torch import nn

INPUTS = ["ids=i64[8]{0..1000}"]


class ExactCount(nn.Module):
    def forward(self, ids):
        if int((ids == 7).sum()) == 3:  # diverges
            return ids * 0
        return ids + 1


def build():
    torch.manual_seed(0)
    return ExactCount().eval()


def example_inputs():
    return (torch.arange(8) + 10,)
