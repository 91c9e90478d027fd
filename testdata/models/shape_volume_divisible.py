"""3D segmentation UNet for MRI crops: pads every axis up to a multiple of four, crops the logits back."""

import math

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["vol=f32[1,1,D:4..12,H:4..12,W:4..12]"]


class DoubleConv(nn.Sequential):
    def __init__(self, cin, cout):
        super().__init__(
            nn.Conv3d(cin, cout, 3, padding=1),
            nn.GroupNorm(2, cout),
            nn.PReLU(cout),
        )


class DivisiblePad:
    """monai-like transform living in the forward pass"""

    def __init__(self, multiple):
        self.multiple = multiple

    def __call__(self, vol):
        k = self.multiple
        pads = [math.ceil(s / k) * k - s for s in vol.shape[2:]]  # diverges
        widths = []
        for p in reversed(pads):
            widths += [0, p]
        return F.pad(vol, widths)


class UNet3D(nn.Module):
    def __init__(self, base=4, classes=2):
        super().__init__()
        self.pad = DivisiblePad(4)
        self.enc1, self.enc2, self.mid = DoubleConv(1, base), DoubleConv(base, base), DoubleConv(base, base)
        self.dec2, self.dec1 = DoubleConv(2 * base, base), DoubleConv(2 * base, base)
        self.pool, self.up = nn.MaxPool3d(2), nn.Upsample(scale_factor=2)
        self.seg = nn.Conv3d(base, classes, 1)

    def forward(self, vol):
        d, h, w = vol.shape[2:]
        e1 = self.enc1(self.pad(vol))
        e2 = self.enc2(self.pool(e1))
        m = self.mid(self.pool(e2))
        x = self.dec2(torch.cat([self.up(m), e2], dim=1))
        x = self.dec1(torch.cat([self.up(x), e1], dim=1))
        return self.seg(x)[:, :, :d, :h, :w]


def build():
    torch.manual_seed(0)
    return UNet3D().eval()


def example_inputs():
    g = torch.Generator().manual_seed(0)
    return (torch.randn(1, 1, 7, 8, 6, generator=g),)
