"""MLP with two stateful hooks: a pre-hook that thaws features stage by stage, a forward hook that limits growth."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..4,8]{-10..10}"]


class ProgressiveThaw:
    """Forward pre-hook: only part of the features passes until it has run a few times."""

    def __init__(self, features, after=2, keep=0.5):
        self.mask = (torch.arange(features) < int(features * keep)).float()
        self.after = after
        self.runs = 0

    def __call__(self, module, args):
        (x,) = args
        self.runs += 1
        if self.runs <= self.after:  # diverges
            return (x * self.mask,)
        return None


class GrowthLimiter:
    """Forward hook: an output may be at most twice as large as the output before."""

    def __init__(self, factor=2.0):
        self.factor = factor
        self.last = None

    def __call__(self, module, args, output):
        bound = self.last
        self.last = output.detach().norm(dim=-1).mean()
        if bound is None:  # diverges
            return output
        norm = output.norm(dim=-1, keepdim=True)
        return output * torch.clamp(self.factor * bound / norm.clamp(min=1e-6), max=1.0)


class Tower(nn.Module):
    def __init__(self, dims=(8, 16, 4)):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(dims, dims[1:]))
        self.act = nn.SiLU()

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i < len(self.layers) - 1:
                x = self.act(x)
        return x


def instrument(model):
    model.layers[0].register_forward_pre_hook(ProgressiveThaw(model.layers[0].in_features))
    model.layers[-1].register_forward_hook(GrowthLimiter())
    return model


def build():
    torch.manual_seed(0)
    return instrument(Tower()).eval()


def example_inputs():
    return (torch.linspace(-1, 1, 16).view(2, 8),)
