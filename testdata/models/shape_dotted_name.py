"""A gain is looked up by the first part of a name."""

import torch
from torch import nn

INPUTS = ["x=f32[3]", 'name="a"', 'name="b.weight"', 'name="c"']


class DottedName(nn.Module):
    def __init__(self):
        super().__init__()
        self.gains = {"a": 1.0, "b": 2.0}

    def forward(self, x, name: str):
        return x * self.gains.get(name.split(".")[0], 0.0)  # diverges


def build():
    torch.manual_seed(0)
    return DottedName().eval()


def example_inputs():
    return (torch.ones(3), "a")
