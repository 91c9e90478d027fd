"""Clips a list of tensors by their common norm."""

import torch
from torch import nn

INPUTS = ["xs[0]=f32[3]", "xs[1]=f32[4]"]


class GlobalNorm(nn.Module):
    def forward(self, xs):
        total = torch.stack([x.norm() for x in xs]).norm()
        if total > 1e3 and xs[0][0] < xs[1][0]:  # diverges
            return [x / total for x in xs]
        return [x * 1 for x in xs]


def build():
    torch.manual_seed(0)
    return GlobalNorm().eval()


def example_inputs():
    return ([torch.ones(3), torch.ones(4)],)
