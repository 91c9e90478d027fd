"""Two sizes must multiply to one number."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..32,T:1..64]"]


class Product(nn.Module):
    def forward(self, x):
        if x.shape[0] * x.shape[1] == 91:  # diverges
            return x * 0
        return x + 1


def build():
    torch.manual_seed(0)
    return Product().eval()


def example_inputs():
    return (torch.ones(2, 3),)
