"""Three bits of a flag word decide."""

import torch
from torch import nn

INPUTS = ["flags=i64[]{0..65535}", "x=f32[2]"]


class FlagBits(nn.Module):
    def forward(self, flags, x):
        f = int(flags)  # diverges
        if f & 0x4000 and f & 0x0010 and not f & 1:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return FlagBits().eval()


def example_inputs():
    return (torch.tensor(3), torch.ones(2))
