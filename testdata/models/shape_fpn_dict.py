"""Feature pyramid whose levels are stored in a dict as long as the map is large enough, then fused top-down."""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["x=f32[B:1..2,3,H:8..20,H:8..20]"]


class Level(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.down = nn.Conv2d(cin, cout, 3, stride=2, padding=1)
        self.lateral = nn.Conv2d(cout, 5, 1)

    def forward(self, x):
        return F.relu(self.down(x))


class SmallFPN(nn.Module):
    MIN_SIZE = 3

    def __init__(self, widths=(3, 4, 6, 6)):
        super().__init__()
        self.levels = nn.ModuleDict(
            (f"res{i + 2}", Level(a, b)) for i, (a, b) in enumerate(zip(widths[:-1], widths[1:]))
        )
        self.smooth = nn.Conv2d(5, 5, 3, padding=1)

    def bottom_up(self, x):
        feats = OrderedDict()
        for name, level in self.levels.items():
            x = level(x)
            if x.shape[-1] >= self.MIN_SIZE:  # diverges
                feats[name] = level.lateral(x)
        return feats

    def forward(self, x):
        feats = self.bottom_up(x)
        names = list(feats)
        top = feats[names[-1]]
        for name in reversed(names[:-1]):
            top = feats[name] + F.interpolate(top, size=feats[name].shape[-2:], mode="nearest")
        return self.smooth(top)


def build():
    torch.manual_seed(0)
    return SmallFPN().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(1, 3, 16, 16),)
