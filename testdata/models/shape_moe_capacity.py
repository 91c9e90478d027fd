"""GShard-like top-1 mixture of experts where tokens above each expert's capacity are dropped."""

import math

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["tokens=f32[S:4..24,6]"]


def top1gating(logits, capacity_factor):
    num_tokens, num_experts = logits.size()
    capacity = math.ceil(num_tokens / num_experts * capacity_factor)  # diverges
    gates = F.softmax(logits, dim=1)
    mask = F.one_hot(gates.argmax(dim=1), num_classes=4)
    position = mask.cumsum(dim=0) * mask
    keep = (position <= capacity) & (mask > 0)
    return gates * keep


class FeedForwardExpert(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.up, self.down = nn.Linear(dim, hidden), nn.Linear(hidden, dim)

    def forward(self, x):
        return self.down(F.silu(self.up(x)))


class MOELayer(nn.Module):
    def __init__(self, dim=6, hidden=8, num_experts=4, capacity_factor=1.0):
        super().__init__()
        self.wg = nn.Linear(dim, num_experts, bias=False)
        self.experts = nn.ModuleList(FeedForwardExpert(dim, hidden) for _ in range(num_experts))
        self.capacity_factor = capacity_factor

    def forward(self, tokens):
        combine = top1gating(self.wg(tokens), self.capacity_factor)
        outs = torch.stack([e(tokens) for e in self.experts], dim=1)
        return tokens + (combine.unsqueeze(-1) * outs).sum(dim=1)


def build():
    torch.manual_seed(0)
    return MOELayer().eval()


def example_inputs():
    g = torch.Generator().manual_seed(0)
    return (torch.randn(8, 6, generator=g),)
