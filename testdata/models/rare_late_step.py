"""A late training step with a large input."""

import torch
from torch import nn

INPUTS = ["x=f32[4]", "t=i64[]{0..100000}"]


class LateStep(nn.Module):
    def forward(self, x, t):
        step = t.item()  # diverges
        if step > 99990 and x.norm() > 10:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return LateStep().eval()


def example_inputs():
    return (torch.ones(4), torch.tensor(3))
