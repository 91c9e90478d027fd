"""Transformer-XL like layer: hidden states of earlier segments are kept in a python list and attended to."""

import torch
from torch import nn

INPUTS = ["segment=f32[2,T:1..6,8]"]


class RelAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.q = nn.Linear(dim, dim)
        self.kv = nn.Linear(dim, 2 * dim)

    def forward(self, x, memory):
        k, v = self.kv(torch.cat([memory, x], dim=1)).chunk(2, dim=-1)
        w = (self.q(x) @ k.transpose(1, 2)) / x.size(-1) ** 0.5
        return w.softmax(-1) @ v


class SegmentRecurrentLayer(nn.Module):
    def __init__(self, dim=8, max_segments=2):
        super().__init__()
        self.attn = RelAttention(dim)
        self.norm = nn.LayerNorm(dim)
        self.max_segments = max_segments
        self.mems = []

    def reset(self):
        self.mems.clear()

    def remember(self, x):
        self.mems.append(x.detach())
        del self.mems[: -self.max_segments]

    def forward(self, segment):
        memory = segment.new_zeros(2, 0, 8)
        if self.mems:  # diverges
            memory = torch.cat(self.mems, dim=1)
        out = self.norm(segment + self.attn(segment, memory))
        self.remember(segment)
        return out


def build():
    torch.manual_seed(0)
    return SegmentRecurrentLayer().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(2, 4, 8),)
