"""Bottleneck adapters selected by name, fused in a fixed stack; debug logging peeks at activations."""

import logging
from collections import OrderedDict

import torch
from torch import nn

INPUTS = ["hidden_states=f32[B:1..3,T:1..8,10]"]

logger = logging.getLogger(__name__)


class Stack(tuple):
    def __new__(cls, *names):
        return super().__new__(cls, names)


class BottleneckAdapter(nn.Module):
    def __init__(self, dim, reduction, scaling=1.0):
        super().__init__()
        self.down = nn.Linear(dim, dim // reduction)
        self.up = nn.Linear(dim // reduction, dim)
        self.scaling = nn.Parameter(torch.tensor(scaling)) if scaling == "learned" else scaling

    def forward(self, x, residual):
        return residual + self.up(torch.relu(self.down(x))) * self.scaling


class AdapterMixin:
    def init_adapters(self, dim, specs):
        self.adapters = nn.ModuleDict(OrderedDict((n, BottleneckAdapter(dim, r, s)) for n, r, s in specs))
        self.active = None

    def set_active_adapters(self, setup):
        missing = [n for n in setup if n not in self.adapters]
        if missing:
            raise ValueError(f"no such adapters: {missing}")
        self.active = setup

    def adapter_forward(self, x):
        if self.active is None:
            return x
        names = self.active if isinstance(self.active, Stack) else (self.active,)
        for name in names:
            x = self.adapters[name](x, residual=x)
            if logger.isEnabledFor(logging.DEBUG):
                logger.debug("%s: mean %.4f, shape %s", name, x.mean().item(), x.tolist())
        return x


class AdaptedLayer(AdapterMixin, nn.Module):
    def __init__(self, dim=10):
        super().__init__()
        self.ff = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, dim), nn.GELU())
        self.init_adapters(dim, [("lang_de", 2, 1.0), ("task_ner", 5, 0.5), ("unused", 5, 2.0)])

    def forward(self, hidden_states):
        bsz, seq_len, dim = hidden_states.shape
        out = self.adapter_forward(self.ff(hidden_states).view(bsz * seq_len, dim))
        return out.view(bsz, seq_len, dim) + hidden_states


def build():
    torch.manual_seed(0)
    layer = AdaptedLayer()
    layer.set_active_adapters(Stack("lang_de", "task_ner"))
    return layer.eval()


def example_inputs():
    return (torch.linspace(-1, 1, 40).view(1, 4, 10),)
