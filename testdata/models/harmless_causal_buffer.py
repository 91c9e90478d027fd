"""Slices a causal mask by the length."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..2,T:1..16,8]"]


class CausalBuffer(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("bias", torch.tril(torch.ones(16, 16)))

    def forward(self, x):
        T = x.size(1)
        assert T <= 16, f"too long: {T}"
        att = x @ x.transpose(1, 2)
        att = att.masked_fill(self.bias[:T, :T] == 0, float("-inf"))
        return att.softmax(-1) @ x


def build():
    torch.manual_seed(0)
    return CausalBuffer().eval()


def example_inputs():
    return (torch.ones(1, 5, 8),)
