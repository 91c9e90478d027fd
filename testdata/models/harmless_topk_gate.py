"""Gates by the largest two, in recorded operations."""

import torch
from torch import nn

INPUTS = ["x=f32[6]"]


class TopkGate(nn.Module):
    def forward(self, x):
        top = x.topk(2).indices
        w = torch.zeros_like(x).scatter(0, top, 1.0)
        return (x * w).sum()


def build():
    torch.manual_seed(0)
    return TopkGate().eval()


def example_inputs():
    return (torch.arange(6.0),)
