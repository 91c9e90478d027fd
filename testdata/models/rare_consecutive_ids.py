"""Identifiers that follow each other without a gap."""

import torch
from torch import nn

INPUTS = ["ids=i64[5]{0..50}"]


class ConsecutiveIds(nn.Module):
    def forward(self, ids):
        if (ids[1:] - ids[:-1] == 1).all():  # diverges
            return ids * 0
        return ids + 0


def build():
    torch.manual_seed(0)
    return ConsecutiveIds().eval()


def example_inputs():
    return (torch.tensor([4, 2, 9, 9, 1]),)
