"""Falls back when a package is missing."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class OptionalImport(nn.Module):
    def forward(self, x):
        try:
            import nonexistent_package

            f = nonexistent_package.relu
        except ImportError:
            f = torch.relu
        return f(x)


def build():
    torch.manual_seed(0)
    return OptionalImport().eval()


def example_inputs():
    return (torch.ones(4),)
