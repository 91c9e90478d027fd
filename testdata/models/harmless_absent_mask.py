"""An optional mask that is never declared."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..3,T:1..8,4]"]


class AbsentMask(nn.Module):
    def forward(self, x, mask=None):
        s = x @ x.transpose(-1, -2)
        if mask is not None:
            s = s.masked_fill(mask == 0, float("-inf"))
        return s.softmax(-1) @ x


def build():
    torch.manual_seed(0)
    return AbsentMask().eval()


def example_inputs():
    return (torch.ones(2, 3, 4),)
