"""Self-attention with a residual."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..3,T:1..6,8]"]


class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.MultiheadAttention(8, 2, batch_first=True)
        self.n = nn.LayerNorm(8)

    def forward(self, x):
        y, w = self.a(x, x, x, need_weights=False)
        return self.n(x + y)


def build():
    torch.manual_seed(0)
    return SelfAttention().eval()


def example_inputs():
    return (torch.ones(2, 3, 8),)
