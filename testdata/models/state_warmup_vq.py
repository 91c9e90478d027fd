"""VQ bottleneck inside an autoencoder: continuous during a warm-up phase, quantised afterwards."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

INPUTS = ["x=f32[B:1..4,10]{-3..3}"]


@dataclass(frozen=True)
class VQConfig:
    dim: int = 4
    codes: int = 7
    warmup_batches: int = 2
    beta: float = 0.25


class VectorQuantiser(nn.Module):
    def __init__(self, cfg: VQConfig):
        super().__init__()
        self.cfg = cfg
        self.codebook = nn.Embedding(cfg.codes, cfg.dim)
        self.register_buffer("batches_seen", torch.zeros((), dtype=torch.long))

    def nearest(self, z: Tensor) -> Tensor:
        d = z.pow(2).sum(1, keepdim=True) - 2 * z @ self.codebook.weight.t() + self.codebook.weight.pow(2).sum(1)
        return d.argmin(dim=1)

    def forward(self, z: Tensor):
        self.batches_seen += 1
        if self.batches_seen.item() <= self.cfg.warmup_batches:  # diverges
            return z, z.new_zeros(z.shape[0])
        q = self.codebook(self.nearest(z))
        commit = self.cfg.beta * (z - q.detach()).pow(2).mean(dim=1)
        return z + (q - z).detach(), commit


class Bottleneck(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.pre = nn.Linear(8, cfg.dim)
        self.vq = VectorQuantiser(cfg)
        self.post = nn.Linear(cfg.dim, 8)

    def forward(self, h):
        z, commit = self.vq(self.pre(h))
        return self.post(z), commit


class AutoEncoder(nn.Module):
    def __init__(self, cfg=VQConfig()):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(10, 8), nn.Tanh())
        self.middle = nn.ModuleDict({"bottleneck": Bottleneck(cfg)})
        self.decoder = nn.Sequential(nn.ELU(), nn.Linear(8, 10))

    def forward(self, x):
        h, commit = self.middle["bottleneck"](self.encoder(x))
        recon = self.decoder(h)
        return recon, (recon - x).pow(2).mean(1) + commit


def build():
    torch.manual_seed(0)
    return AutoEncoder().eval()


def example_inputs():
    return (torch.linspace(-1, 1, 20).view(2, 10),)
