"""Stop ids are kept in a set."""

import torch
from torch import nn

INPUTS = ["ids=i64[6]{0..50000}"]


class StopIds(nn.Module):
    def __init__(self):
        super().__init__()
        self.stop = {49999, 31337, 2}

    def forward(self, ids):
        if ids[-1].item() in self.stop and ids[0].item() not in self.stop:  # diverges
            return ids * 0
        return ids + 1


def build():
    torch.manual_seed(0)
    return StopIds().eval()


def example_inputs():
    return (torch.arange(6),)
