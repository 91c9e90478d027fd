"""World-model agent: a tiny ensemble critic decides whether the imagined action replaces the reactive one."""

import torch
from torch import nn

INPUTS = ["latent=f32[1,8]{-1..1}"]


def head(din, dout, hidden=12):
    return nn.Sequential(nn.Linear(din, hidden), nn.Tanh(), nn.Linear(hidden, dout))


class Ensemble(nn.Module):
    def __init__(self, make, n):
        super().__init__()
        self.members = nn.ModuleList(make() for _ in range(n))

    def forward(self, x):
        ys = torch.stack([m(x) for m in self.members])
        return ys.mean(0), ys.std(0, unbiased=False)


class DreamAgent(nn.Module):
    def __init__(self, value_threshold=0.295):
        super().__init__()
        self.critic = Ensemble(lambda: head(8, 1), 3)
        self.actor = head(8, 4)
        self.dream = nn.GRUCell(4, 8)
        self.value_threshold = value_threshold

    def imagine(self, latent, horizon=2):
        for _ in range(horizon):
            latent = self.dream(self.actor(latent).tanh(), latent)
        return self.actor(latent)

    def forward(self, latent):
        action = self.actor(latent)
        value, spread = self.critic(latent)
        if value.item() - 0.1 * spread.item() > self.value_threshold:  # diverges
            action = self.imagine(latent)
        return action.softmax(-1), value


def build():
    torch.manual_seed(0)
    return DreamAgent().eval()


def example_inputs():
    return (torch.linspace(-1, 1, 8).view(1, 8),)
