"""Exactly three rows are masked whole."""

import torch
from torch import nn

INPUTS = ["m=bool[4,4]", "x=f32[4,4]"]


class MaskedRows(nn.Module):
    def forward(self, m, x):
        rows = m.all(1)
        if rows.sum() == 3:  # diverges
            return x * 0
        return x.masked_fill(m, 0.0)


def build():
    torch.manual_seed(0)
    return MaskedRows().eval()


def example_inputs():
    return (torch.zeros(4, 4, dtype=torch.bool), torch.ones(4, 4))
