"""Builds a grid from recorded sizes."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..2,3,H:4..9,W:4..9]"]


class AnchorGrid(nn.Module):
    def __init__(self):
        super().__init__()
        self.stride = 8

    def forward(self, x):
        h, w = x.shape[-2:]
        ys, xs = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
        grid = torch.stack([xs, ys], -1).float() * self.stride
        return x.mean(1)[..., None] + grid


def build():
    torch.manual_seed(0)
    return AnchorGrid().eval()


def example_inputs():
    return (torch.ones(1, 3, 5, 6),)
