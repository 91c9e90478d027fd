"""Window attention whose sizes always fit."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..4,8,8,4]"]


class WindowPartition(nn.Module):
    def forward(self, x):
        B, H, W, C = x.shape
        ws = 4
        pad_r = (ws - W % ws) % ws
        pad_b = (ws - H % ws) % ws
        if pad_r > 0 or pad_b > 0:
            x = torch.nn.functional.pad(x, (0, 0, 0, pad_r, 0, pad_b))
        shift = 2 if H > ws else 0
        if shift > 0:
            x = torch.roll(x, shifts=(-shift, -shift), dims=(1, 2))
        return x.view(B, H // ws, ws, W // ws, ws, C).mean((2, 4))


def build():
    torch.manual_seed(0)
    return WindowPartition().eval()


def example_inputs():
    return (torch.ones(1, 8, 8, 4),)
