"""Both sides append a zero."""

import torch
from torch import nn

INPUTS = ["x=f32[5]"]


class TwoSpellings(nn.Module):
    def forward(self, x):
        if x.max() > 0:
            y = torch.cat([x, x.new_zeros(1)])
        else:
            y = torch.nn.functional.pad(x, (0, 1))
        return y


def build():
    torch.manual_seed(0)
    return TwoSpellings().eval()


def example_inputs():
    return (torch.ones(5),)
