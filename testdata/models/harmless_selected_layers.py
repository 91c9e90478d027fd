"""Collects the outputs of configured layers."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..3,5]"]


class SelectedLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.ls = nn.ModuleList(nn.Linear(5, 5) for _ in range(4))
        self.keep = (1, 3)

    def forward(self, x):
        outs = []
        for i, l in enumerate(self.ls):
            x = l(x)
            if i in self.keep:
                outs.append(x)
        return torch.cat(outs, -1) if len(outs) > 1 else outs[0]


def build():
    torch.manual_seed(0)
    return SelectedLayers().eval()


def example_inputs():
    return (torch.ones(2, 5),)
