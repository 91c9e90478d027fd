"""Glow ActNorm with data dependent initialisation on the first batch."""

import torch
from torch import nn

INPUTS = ["x=f32[B:2..6,4]"]


class ActNorm(nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.register_buffer("loc", torch.zeros(1, num_features))
        self.register_buffer("scale", torch.ones(1, num_features))
        self.register_buffer("initialized", torch.tensor(0, dtype=torch.uint8))

    @torch.no_grad()
    def initialize(self, x):
        self.loc.copy_(-x.mean(0, keepdim=True))
        self.scale.copy_(1.0 / (x.std(0, keepdim=True, unbiased=False) + 1e-6))
        self.initialized.fill_(1)

    def forward(self, x):
        if self.initialized.item() == 0:  # diverges
            self.initialize(x)
        y = self.scale * (x + self.loc)
        logdet = self.scale.abs().log().sum()
        return y, logdet.expand(x.size(0))


class FlowStep(nn.Module):
    def __init__(self, dim=4):
        super().__init__()
        self.actnorm = ActNorm(dim)
        self.coupling = nn.Sequential(nn.Linear(dim // 2, 8), nn.ReLU(), nn.Linear(8, dim // 2))
        self.register_buffer("perm", torch.arange(dim - 1, -1, -1))

    def forward(self, x):
        x, logdet = self.actnorm(x)
        x = x[:, self.perm]
        a, b = x.chunk(2, dim=1)
        return torch.cat([a, b + self.coupling(a)], dim=1), logdet


def build():
    torch.manual_seed(0)
    return FlowStep().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(3, 4),)
