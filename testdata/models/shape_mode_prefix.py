"""The mode argument is parsed as text."""

import torch
from torch import nn

INPUTS = ["x=f32[3]", 'mode="linear"', 'mode="cubic-2"', 'mode="cubic-3"']


class ModePrefix(nn.Module):
    def forward(self, x, mode):
        if mode.startswith("cubic"):  # diverges
            return x ** int(mode[-1])  # diverges
        return x


def build():
    torch.manual_seed(0)
    return ModePrefix().eval()


def example_inputs():
    return (torch.tensor([2.0, 3.0, 4.0]), "linear")
