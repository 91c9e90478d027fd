"""Five paddings or more cut the values; where all are padding, as the simplest such input is, nothing is cut."""

import torch
from torch import nn

INPUTS = ["ids=i64[16]{0..999}"]


class PaddingCount(nn.Module):
    def __init__(self, padding=7):
        super().__init__()
        self.padding = padding

    def forward(self, ids):
        if (ids == self.padding).sum() >= 5:  # diverges
            return ids.clamp(max=10)
        return ids + 0


def build():
    torch.manual_seed(0)
    return PaddingCount().eval()


def example_inputs():
    return (torch.arange(16) + 100,)
