"""A singular matrix takes another path."""

import torch
from torch import nn

INPUTS = ["m=f32[3,3]{-10..10}"]


class SingularMatrix(nn.Module):
    def forward(self, m):
        d = torch.linalg.det(m)
        if d.abs() < 1e-4:  # diverges
            return m * 0
        return m + 1


def build():
    torch.manual_seed(0)
    return SingularMatrix().eval()


def example_inputs():
    return (torch.eye(3) * 2,)
