"""A narrow ratio of two sides, and only of large ones: the second condition must be met without losing the first."""

import torch
from torch import nn

INPUTS = ["width=f32[]{1..900}", "height=f32[]{1..500}"]


class AspectRatio(nn.Module):
    def forward(self, width, height):
        ratio = width / height
        if 1.7770 < ratio < 1.7780 and height > 400:  # diverges
            return width * 0
        return width * height


def build():
    torch.manual_seed(0)
    return AspectRatio().eval()


def example_inputs():
    return torch.tensor(100.0), torch.tensor(100.0)
