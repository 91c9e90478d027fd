"""PointPillars scatter: valid pillars are summed into a bird's-eye-view canvas, then a small 2D backbone."""

import torch
from torch import nn

INPUTS = ["feats=f32[P:1..12,4]", "coords=i64[P,2]{0..5}", "valid=bool[P]"]


class PFNLayer(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.linear = nn.Linear(cin, cout, bias=False)
        self.norm = nn.BatchNorm1d(cout, eps=1e-3)
        self.part = 4

    def forward(self, x):
        if x.shape[0] > 50000:
            raise MemoryError("too many pillars, feed them in parts")
        return torch.relu(self.norm(self.linear(x)))


class PointPillarScatter(nn.Module):
    def __init__(self, channels, nx, ny):
        super().__init__()
        self.channels, self.nx, self.ny = channels, nx, ny

    def forward(self, feats, coords, valid):
        canvas = torch.zeros(self.channels, self.nx * self.ny)
        keep = valid.nonzero(as_tuple=False).squeeze(1)
        num_kept = keep.numel()
        cells = coords[:, 0] * self.nx + coords[:, 1]
        assert int(cells.max()) < canvas.shape[1]
        canvas = canvas.index_add(1, cells[keep], feats[keep].t())
        if num_kept == 0:
            canvas = torch.zeros_like(canvas)
        return canvas.view(1, self.channels, self.ny, self.nx)


class BEVBackbone(nn.Module):
    def __init__(self, channels=5, nx=6, ny=6):
        super().__init__()
        self.pfn = PFNLayer(4, channels)
        self.scatter = PointPillarScatter(channels, nx, ny)
        self.block = nn.Sequential(nn.Conv2d(channels, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 2, 1))

    def forward(self, feats, coords, valid):
        bev = self.scatter(self.pfn(feats), coords, valid)
        return self.block(bev).sigmoid()


def build():
    torch.manual_seed(0)
    return BEVBackbone().eval()


def example_inputs():
    coords = torch.tensor([[0, 0], [1, 4], [5, 5], [1, 4], [2, 3]])
    return torch.linspace(-1, 2, 20).view(5, 4), coords, torch.tensor([True, True, False, True, True])
