"""Two bytes must combine to a key."""

import torch
from torch import nn

INPUTS = ["a=i64[]{0..255}", "b=i64[]{0..255}"]


class XorKey(nn.Module):
    def forward(self, a, b):
        if (int(a) ^ int(b)) == 0x5A:  # diverges
            return a * 2
        return a + 0


def build():
    torch.manual_seed(0)
    return XorKey().eval()


def example_inputs():
    return (torch.tensor(1), torch.tensor(2))
