"""Recursive tree encoder: neighbouring nodes are merged pairwise until one root vector is left."""

import torch
from torch import nn

INPUTS = ["leaves=f32[B:1..3,N:1..13,6]"]


class BinaryTreeCell(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.compose = nn.Linear(2 * dim, 3 * dim)

    def forward(self, left, right):
        gl, gr, new = self.compose(torch.cat([left, right], dim=-1)).chunk(3, dim=-1)
        return torch.sigmoid(gl) * left + torch.sigmoid(gr) * right + torch.tanh(new)


class TreeEncoder(nn.Module):
    def __init__(self, dim=6):
        super().__init__()
        self.cell = BinaryTreeCell(dim)
        self.pad = nn.Parameter(torch.randn(1, 1, dim))
        self.leaf = nn.Sequential(nn.Linear(dim, dim), nn.ReLU())

    def forward(self, leaves):
        nodes = self.leaf(leaves)
        while nodes.size(1) > 1:  # diverges
            if nodes.size(1) % 2:  # diverges
                nodes = torch.cat([nodes, self.pad.expand(nodes.size(0), 1, -1)], dim=1)
            nodes = self.cell(nodes[:, 0::2], nodes[:, 1::2])
        return nodes.flatten(1)


def build():
    torch.manual_seed(0)
    return TreeEncoder().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(2, 6, 6),)
