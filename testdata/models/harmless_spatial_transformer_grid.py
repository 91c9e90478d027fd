"""Spatial transformer network with its own sampling grid; works on any image size."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

INPUTS = ["image=f32[N:1..3,1,H:4..14,W:4..14]{0..1}"]


class STN(nn.Module):
    IDENTITY = np.array([1, 0, 0, 0, 1, 0], dtype=np.float32)

    def __init__(self, bounded=True, align_corners=False, border=None):
        super().__init__()
        self.loc = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(True), nn.AdaptiveAvgPool2d(2), nn.Flatten(1), nn.Linear(16, 6)
        )
        nn.init.normal_(self.loc[-1].weight, std=0.3)
        with torch.no_grad():
            self.loc[-1].bias.copy_(torch.from_numpy(self.IDENTITY))
        self.bounded = bounded
        self.align_corners = align_corners
        self.padding_mode = border or "zeros"

    def make_grid(self, theta, size):
        n, c, h, w = size
        if self.align_corners:
            xs = torch.linspace(-1, 1, w)
            ys = torch.linspace(-1, 1, h)
        else:
            xs = (torch.arange(w, dtype=theta.dtype, device=theta.device) * 2 + 1) / w - 1
            ys = (torch.arange(h, dtype=theta.dtype, device=theta.device) * 2 + 1) / h - 1
        base = torch.stack([
            xs[None, :].expand(h, w),
            ys[:, None].expand(h, w),
            torch.ones(h, w, dtype=theta.dtype, device=theta.device),
        ], dim=-1)
        grid = base.reshape(1, h * w, 3).expand(n, h * w, 3) @ theta.transpose(1, 2)
        return grid.view(n, h, w, 2)

    def forward(self, image):
        theta = self.loc(image).view(-1, 2, 3)
        if self.bounded:
            # keep the warp a mild one; det() of the result is only looked at while debugging
            theta = torch.from_numpy(self.IDENTITY).view(1, 2, 3) + 0.3 * torch.tanh(theta)
        if __debug__:
            det = theta[:, 0, 0] * theta[:, 1, 1] - theta[:, 0, 1] * theta[:, 1, 0]
            assert float(det.abs().max()) < 100
        if not torch.isfinite(theta).all():
            theta = torch.from_numpy(self.IDENTITY).view(1, 2, 3).expand_as(theta)
        grid = self.make_grid(theta, image.size())
        return F.grid_sample(image, grid, mode="bilinear", padding_mode=self.padding_mode,
                             align_corners=self.align_corners)


def build():
    torch.manual_seed(0)
    return STN().eval()


def example_inputs():
    yy, xx = torch.meshgrid(torch.linspace(0, 1, 7), torch.linspace(0, 1, 9), indexing="ij")
    return ((yy * xx)[None, None],)
