"""Leap years."""

import torch
from torch import nn

INPUTS = ["t=i64[]{0..4000}"]


class LeapYear(nn.Module):
    def forward(self, t):
        y = int(t)  # diverges
        leap = y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)  # diverges
        return t * 0 + (366 if leap else 365)  # diverges


def build():
    torch.manual_seed(0)
    return LeapYear().eval()


def example_inputs():
    return (torch.tensor(1999),)
