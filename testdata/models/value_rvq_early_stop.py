"""Residual vector quantiser of a neural audio codec that stops adding codebooks once the residual is quiet enough."""

import torch
from torch import nn

INPUTS = ["wav=f32[B:1..2,1,64]{-1..1}"]


class EuclideanCodebook(nn.Module):
    def __init__(self, size, dim, scale):
        super().__init__()
        self.register_buffer("embed", torch.randn(size, dim) * scale)

    def quantize(self, x):
        dist = x.pow(2).sum(-1, keepdim=True) - 2 * x @ self.embed.t() + self.embed.pow(2).sum(-1)
        return dist.argmin(dim=-1)

    def forward(self, x):
        codes = self.quantize(x)
        return self.embed[codes], codes


class ResidualVQ(nn.Module):
    def __init__(self, n_q, size, dim, target_energy):
        super().__init__()
        self.layers = nn.ModuleList([EuclideanCodebook(size, dim, 0.6 ** i) for i in range(n_q)])
        self.target_energy = target_energy

    def forward(self, z):
        residual, total = z, torch.zeros_like(z)
        for layer in self.layers:
            if residual.square().mean() < self.target_energy:  # diverges
                break
            q, _ = layer(residual)
            residual = residual - q
            total = total + q
        return total


class TinyCodec(nn.Module):
    def __init__(self, dim=4):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv1d(1, dim, 8, stride=4, padding=2), nn.ELU(), nn.Conv1d(dim, dim, 1))
        self.rvq = ResidualVQ(n_q=4, size=16, dim=dim, target_energy=0.05)
        self.decoder = nn.ConvTranspose1d(dim, 1, 8, stride=4, padding=2)

    def forward(self, wav):
        z = self.encoder(wav).transpose(1, 2)
        return self.decoder(self.rvq(z).transpose(1, 2))


def build():
    torch.manual_seed(0)
    return TinyCodec().eval()


def example_inputs():
    t = torch.linspace(0, 25, 64)
    return (0.95 * torch.sin(t).view(1, 1, 64).repeat(2, 1, 1),)
