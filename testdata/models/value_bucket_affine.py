"""Exposure correction: the mean luminance picks one of several learnt tone curves (bisect over fixed edges)."""

import bisect

import torch
from torch import nn

INPUTS = ["rgb=f32[B:1..3,3,6,6]{0..1}"]

LUMA = (0.299, 0.587, 0.114)


class ToneCurve(nn.Module):
    def __init__(self, knots=4):
        super().__init__()
        self.slopes = nn.Parameter(torch.rand(knots) + 0.5)
        self.knots = knots

    def forward(self, x):
        out = torch.zeros_like(x)
        for k, s in enumerate(self.slopes):
            out = out + s * (x - k / self.knots).clamp(0, 1 / self.knots)
        return out / self.slopes.sum() * self.knots


class ExposureNet(nn.Module):
    EDGES = [0.15, 0.35, 0.5, 0.65, 0.85]

    def __init__(self):
        super().__init__()
        self.curves = nn.ModuleList([ToneCurve() for _ in range(len(self.EDGES) + 1)])
        self.register_buffer("luma", torch.tensor(LUMA).view(1, 3, 1, 1))

    def _bucket(self, rgb):
        mean_luma = (rgb * self.luma).sum(1).mean()
        return bisect.bisect_right(self.EDGES, mean_luma)  # diverges

    def forward(self, rgb):
        curve = self.curves[self._bucket(rgb)]
        return curve(rgb).clamp(0, 1)


def build():
    torch.manual_seed(0)
    return ExposureNet().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.rand(2, 3, 6, 6) * 0.5,)
