"""In half precision, overflow takes another path."""

import torch
from torch import nn

INPUTS = ["x=f32[4]", "x=f16[4]"]


class HalfOverflow(nn.Module):
    def forward(self, x):
        if x.dtype == torch.float16:  # diverges
            y = x * 2
            if not torch.isfinite(y).all():  # diverges
                return x * 0
            return y
        return x * 2


def build():
    torch.manual_seed(0)
    return HalfOverflow().eval()


def example_inputs():
    return (torch.ones(4),)
