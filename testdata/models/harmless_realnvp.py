"""RealNVP with alternating checkered masks, inverse by flag and a running log-determinant."""

import math

import torch
import torch.nn as nn

INPUTS = ["x=f32[N:1..6,6]{-4..4}"]


class BaseFlow(nn.Module):
    invertible = True

    def forward(self, x, reverse=False):
        return self.inverse(x) if reverse else self.direct(x)


class AffineCoupling(BaseFlow):
    def __init__(self, dim, mask, clamp=2.0):
        super().__init__()
        self.register_buffer("mask", mask)
        self.clamp = clamp
        self.net = nn.Sequential(nn.Linear(dim, 16), nn.LeakyReLU(0.1), nn.Linear(16, 2 * dim))

    def params(self, xa):
        s, t = self.net(xa).chunk(2, dim=1)
        if (self.mask == 1).all() or not self.mask.any():
            raise ValueError("degenerate mask")
        s = self.clamp * torch.tanh(s / self.clamp) * (1 - self.mask)
        return s, t * (1 - self.mask)

    def direct(self, x):
        s, t = self.params(x * self.mask)
        return x * torch.exp(s) + t, s.sum(dim=1)

    def inverse(self, y):
        s, t = self.params(y * self.mask)
        return (y - t) * torch.exp(-s), -s.sum(dim=1)


class Permute(BaseFlow):
    def __init__(self, dim, seed):
        super().__init__()
        g = torch.Generator().manual_seed(seed)
        p = torch.randperm(dim, generator=g)
        self.register_buffer("p", p)
        self.register_buffer("p_inv", torch.argsort(p))
        assert torch.equal(p[self.p_inv], torch.arange(dim))

    def direct(self, x):
        return x[:, self.p], x.new_zeros(x.shape[0])

    def inverse(self, x):
        return x[:, self.p_inv], x.new_zeros(x.size(0))


class NormalizingFlow(nn.Module):
    def __init__(self, dim=6, n_flows=4, check_roundtrip=True):
        super().__init__()
        self.flows = nn.ModuleList()
        for i in range(n_flows):
            self.flows.append(AffineCoupling(dim, (torch.arange(dim) % 2 == i % 2).float()))
            if i != n_flows - 1:
                self.flows.append(Permute(dim, i))
        self.check_roundtrip = check_roundtrip

    def forward(self, x):
        z, log_det = x, torch.zeros(x.size(0), dtype=x.dtype)
        for flow in self.flows:
            z, ld = flow(z)
            log_det = log_det + ld
        if self.check_roundtrip:
            y = z.detach()
            for flow in reversed(self.flows):
                y, _ = flow(y, reverse=True)
            assert (y - x).abs().max() < 1.0, "flow is not invertible"
        prior = -0.5 * (z ** 2 + math.log(2 * math.pi)).sum(dim=1)
        return z, prior + log_det


def build():
    torch.manual_seed(0)
    return NormalizingFlow().eval()


def example_inputs():
    return (torch.linspace(-2, 2, 12).view(2, 6),)
