"""SAC actor: squashed Gaussian policy, deterministic by flag, with the usual finite checks."""

import math

import torch
from torch import nn

INPUTS = ["obs=f32[B:1..6,11]"]

LOG_STD_MIN, LOG_STD_MAX = -20, 2


class TanhBijector:
    def __init__(self, epsilon=1e-6):
        self.epsilon = epsilon

    @staticmethod
    def forward(x):
        return torch.tanh(x)

    def log_prob_correction(self, x):
        return torch.log(1.0 - torch.tanh(x) ** 2 + self.epsilon)


class DiagGaussian:
    def __init__(self, mean, log_std):
        for name, t in (("loc", mean), ("log_scale", log_std)):
            valid = torch.isfinite(t)
            if not valid.all():
                raise ValueError(f"Expected parameter {name} to be finite, found {t[~valid].tolist()[:3]}")
        self.mean, self.log_std = mean, log_std

    def mode(self):
        return self.mean

    def log_prob(self, x):
        z = (x - self.mean) * torch.exp(-self.log_std)
        return (-0.5 * z ** 2 - self.log_std - 0.5 * math.log(2 * math.pi)).sum(-1)


class Actor(nn.Module):
    def __init__(self, obs_dim=11, act_dim=3, hidden=(16, 16), clip_obs=10.0, low=-2.0, high=2.0):
        super().__init__()
        sizes = (obs_dim,) + tuple(hidden)
        layers = []
        for i, o in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(i, o), nn.Tanh()]
        self.latent_pi = nn.Sequential(*layers)
        self.mu, self.log_std = nn.Linear(sizes[-1], act_dim), nn.Linear(sizes[-1], act_dim)
        self.clip_obs = clip_obs
        self.bijector = TanhBijector()
        self.register_buffer("action_scale", torch.tensor((high - low) / 2.0))
        self.register_buffer("action_bias", torch.tensor((high + low) / 2.0))

    def forward(self, obs, deterministic=True):
        if torch.isnan(obs).any():
            raise ValueError("observation holds NaN")
        latent = self.latent_pi(torch.clamp(obs, -self.clip_obs, self.clip_obs))
        dist = DiagGaussian(self.mu(latent), self.log_std(latent).clamp(LOG_STD_MIN, LOG_STD_MAX))
        if deterministic:
            pre = dist.mode()
        else:
            pre = dist.mean + dist.log_std.exp() * torch.randn_like(dist.mean)
        action = self.bijector.forward(pre)
        logp = dist.log_prob(pre) - self.bijector.log_prob_correction(pre).sum(-1)
        if self.action_scale.item() != 1.0 or self.action_bias.item() != 0.0:
            action = action * self.action_scale + self.action_bias
        assert action.abs().max() <= self.action_scale + self.action_bias.abs()
        return action, logp


def build():
    torch.manual_seed(0)
    return Actor().eval()


def example_inputs():
    return (torch.linspace(-3, 3, 22).view(2, 11),)
