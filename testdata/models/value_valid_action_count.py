"""Epsilon-greedy behaviour policy for a masked discrete action space (board game agent)."""

import torch
from torch import nn

INPUTS = ["obs=f32[9]", "legal=bool[6]"]


def _ortho(layer, gain=2 ** 0.5):
    nn.init.orthogonal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)
    return layer


class QNetwork(nn.Module):
    def __init__(self, obs_dim, n_actions, hidden=16):
        super().__init__()
        self.body = nn.Sequential(_ortho(nn.Linear(obs_dim, hidden)), nn.ReLU())
        self.value = _ortho(nn.Linear(hidden, 1), 1.0)
        self.advantage = _ortho(nn.Linear(hidden, n_actions), 0.01)

    def forward(self, obs):
        h = self.body(obs)
        adv = self.advantage(h)
        return self.value(h) + adv - adv.mean(-1, keepdim=True)


class EpsilonGreedyPolicy(nn.Module):
    def __init__(self, obs_dim=9, n_actions=6, epsilon=0.25):
        super().__init__()
        self.q = QNetwork(obs_dim, n_actions)
        self.epsilon = epsilon
        self.n_actions = n_actions

    def forward(self, obs, legal):
        q = self.q(obs).masked_fill(~legal, -1e9)
        greedy = torch.nn.functional.one_hot(q.argmax(-1), self.n_actions).to(q.dtype)
        legal_ids = torch.nonzero(legal).flatten()
        explore = self.epsilon / max(len(legal_ids), 1)  # diverges
        probs = (1 - self.epsilon) * greedy + explore * legal.to(q.dtype)
        return probs, q.max()


def build():
    torch.manual_seed(0)
    return EpsilonGreedyPolicy().eval()


def example_inputs():
    return torch.linspace(-1, 1, 9), torch.tensor([True, True, False, True, True, False])
