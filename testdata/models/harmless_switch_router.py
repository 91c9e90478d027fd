"""Switch transformer router without capacity: every expert sees all tokens, one-hot combine, load statistics kept aside."""

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["x=f32[B:1..3,T:1..6,6]"]


class RouterStats:
    def __init__(self):
        self.history, self.calls = [], 0

    def update(self, load, z_loss):
        self.calls += 1
        self.history.append({"load": load.tolist(), "z": float(z_loss)})
        if len(self.history) > 8:
            self.history.pop(0)


class Router(nn.Module):
    def __init__(self, dim, num_experts, jitter_noise=0.01):
        super().__init__()
        self.classifier = nn.Linear(dim, num_experts, bias=False)
        self.jitter_noise = jitter_noise
        self.num_experts = num_experts
        self.stats = RouterStats()

    def forward(self, x):
        if self.training and self.jitter_noise > 0:
            x = x * torch.empty_like(x).uniform_(1 - self.jitter_noise, 1 + self.jitter_noise)
        logits = self.classifier(x)
        probs = logits.softmax(-1)
        top, index = probs.max(dim=-1, keepdim=True)
        dispatch = F.one_hot(index.squeeze(-1), num_classes=self.num_experts).to(x.dtype)
        self.stats.update(dispatch.mean(dim=(0, 1)).detach(), logits.logsumexp(-1).pow(2).mean())
        return dispatch, top, logits


class SwitchFFN(nn.Module):
    def __init__(self, dim=6, hidden=8, num_experts=3):
        super().__init__()
        self.router = Router(dim, num_experts)
        self.wi = nn.Parameter(torch.randn(num_experts, dim, hidden) * 0.3)
        self.wo = nn.Parameter(torch.randn(num_experts, hidden, dim) * 0.3)

    def forward(self, x):
        dispatch, top, logits = self.router(x)
        h = torch.einsum("btd,edh->bteh", x, self.wi).relu()
        y = torch.einsum("bteh,ehd->bted", h, self.wo)
        if self.router.stats.calls > 0 and len(self.router.stats.history) == 0:
            raise AssertionError("statistics lost")
        return x + top * (y * dispatch.unsqueeze(-1)).sum(2), logits


def build():
    torch.manual_seed(0)
    return SwitchFFN().eval()


def example_inputs():
    return (torch.linspace(-1, 1, 48).view(2, 4, 6),)
