"""Checks ids before the embedding."""

import torch
from torch import nn

INPUTS = ["ids=i64[B:1..3,T:1..6]{0..49}"]


class IdCheck(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(50, 4)

    def forward(self, ids):
        if ids.min() < 0 or ids.max() >= 50:
            raise IndexError("token id out of range")
        if ids.dim() != 2:
            raise ValueError
        return self.e(ids).mean(1)


def build():
    torch.manual_seed(0)
    return IdCheck().eval()


def example_inputs():
    return (torch.ones(2, 3, dtype=torch.long),)
