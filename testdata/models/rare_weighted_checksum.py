"""A weighted checksum of three integers."""

import torch
from torch import nn

INPUTS = ["x=i64[3]{0..1000}"]


class WeightedChecksum(nn.Module):
    def forward(self, x):
        a, b, c = x.tolist()  # diverges
        if a * 31 + b * 17 + c == 12345:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return WeightedChecksum().eval()


def example_inputs():
    return (torch.tensor([1, 2, 3]),)
