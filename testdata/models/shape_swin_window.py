"""Swin window attention block that pads the feature map to a multiple of the window size when needed."""

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["x=f32[B:1..2,H:4..9,W:4..9,8]"]


def window_partition(x, ws):
    B, H, W, C = x.shape
    x = x.view(B, H // ws, ws, W // ws, ws, C)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, ws * ws, C)


def window_reverse(windows, ws, H, W):
    C = windows.shape[-1]
    x = windows.view(-1, H // ws, W // ws, ws, ws, C)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, H, W, C)


class WindowAttention(nn.Module):
    def __init__(self, dim, ws):
        super().__init__()
        self.qkv = nn.Linear(dim, dim * 3)
        self.proj = nn.Linear(dim, dim)
        self.bias = nn.Parameter(torch.randn(ws * ws, ws * ws) * 0.02)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        attn = (q @ k.transpose(1, 2)) * (q.shape[-1] ** -0.5) + self.bias
        return self.proj(attn.softmax(-1) @ v)


class SwinBlock(nn.Module):
    def __init__(self, dim=8, window_size=4):
        super().__init__()
        self.ws = window_size
        self.norm = nn.LayerNorm(dim)
        self.attn = WindowAttention(dim, window_size)

    def forward(self, x):
        shortcut = x
        H, W = x.shape[1], x.shape[2]
        x = self.norm(x)
        pad_b = (self.ws - H % self.ws) % self.ws
        pad_r = (self.ws - W % self.ws) % self.ws
        if pad_b > 0 or pad_r > 0:  # diverges
            x = F.pad(x, (0, 0, 0, pad_r, 0, pad_b))
        Hp, Wp = x.shape[1], x.shape[2]
        windows = self.attn(window_partition(x, self.ws))
        x = window_reverse(windows, self.ws, Hp, Wp)
        return shortcut + x[:, :H, :W]


def build():
    torch.manual_seed(0)
    return SwinBlock().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(1, 8, 4, 8),)
