"""Irregular time series model: strictly increasing observation times take the exact ODE path, others a sort-free average."""

import torch
from torch import nn

INPUTS = ["values=f32[8,3]", "times=f32[8]{0..10}"]


class ODEFunc(nn.Module):
    def __init__(self, dim, hidden=10):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(dim, hidden), nn.Softplus(), nn.Linear(hidden, dim))

    def forward(self, h):
        return self.net(h).tanh()


def euler(func, h, dt):
    return h + dt * func(h)


class ODERNN(nn.Module):
    def __init__(self, din=3, dim=5):
        super().__init__()
        self.func = ODEFunc(dim)
        self.cell = nn.GRUCell(din, dim)
        self.dim = dim

    def recur(self, values, deltas):
        h = values.new_zeros(1, self.dim)
        for v, dt in zip(values, deltas):
            h = euler(self.func, h, dt)
            h = self.cell(v[None], h)
        return h

    def forward(self, values, times):
        gaps = times.diff(prepend=times[:1])
        if (gaps[1:] > 0).all():  # diverges
            deltas = gaps
        else:
            deltas = (times.max() - times.min()).expand_as(times) / times.numel()
        return self.recur(values, deltas)


def build():
    torch.manual_seed(0)
    return ODERNN().eval()


def example_inputs():
    torch.manual_seed(1)
    return torch.randn(8, 3), torch.tensor([0.0, 1.0, 1.0, 2.5, 2.0, 4.0, 7.0, 8.0])
