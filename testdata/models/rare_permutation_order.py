"""XLNet-like factorisation order: a proper permutation gets the triangular two-stream mask, anything else stays bidirectional."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..3,8,6]", "order=i64[8]{0..7}"]


class OrderUtils:
    @staticmethod
    def ranks(order):
        return torch.zeros_like(order).scatter(0, order, torch.arange(order.shape[0]))

    @staticmethod
    def is_permutation(order):
        hits = torch.bincount(order, minlength=order.shape[0])
        return (hits == 1).all()


class PermutationAttention(nn.Module, OrderUtils):
    def __init__(self, dim=6):
        super().__init__()
        self.qkv = nn.Linear(dim, 3 * dim)
        self.rank_bias = nn.Embedding(8, 1)

    def forward(self, x, order):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        att = q @ k.transpose(-2, -1) * x.size(-1) ** -0.5
        if self.is_permutation(order):  # diverges
            rank = self.ranks(order)
            att = att.masked_fill(rank[None, :] > rank[:, None], float("-inf"))
            att = att + self.rank_bias(rank).squeeze(-1)
        return att.softmax(-1) @ v


def build():
    torch.manual_seed(0)
    return PermutationAttention().eval()


def example_inputs():
    torch.manual_seed(1)
    return torch.randn(2, 8, 6), torch.tensor([0, 1, 1, 3, 4, 6, 6, 7])
