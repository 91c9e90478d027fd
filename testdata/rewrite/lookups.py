"""What a table may not hold, indices made of slices, and functions that PyTorch writes in Python."""

import dataclasses
import enum
from typing import Dict, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import R, sample
from torch.distributions.utils import broadcast_all, clamp_probs, logits_to_probs, probs_to_logits


def at(*steps):
    return [lambda step=step: (R(2, 4), torch.tensor(step)) for step in steps]


@dataclasses.dataclass
class Config:
    restarts: Dict[int, float] = dataclasses.field(default_factory=lambda: {1: 0.5, 2: 0.9})
    modes: Dict[int, Tuple[float, int]] = dataclasses.field(default_factory=lambda: {1: (0.5, 2), 3: (0.1, 1)})


class Offset(nn.Module):
    def __init__(self):
        super().__init__()
        self.direction = nn.Parameter(R(4))

    def forward(self, x, strength: float):
        return x + strength * self.direction


@sample(*at(0, 1, 2, 3))
class Restarts(nn.Module):
    def __init__(self):
        super().__init__()
        self.cfg = Config()
        self.offset = Offset()
        self.last = None

    def forward(self, x, t):
        strength = self.cfg.restarts.get(int(t))
        if strength is not None:
            x = self.offset(x, strength)
        again = self.cfg.restarts.get(int(t) + 1) or self.last
        if again is not None and again > 0.6:
            x = self.offset(x, again)
        mode = self.cfg.modes.get(int(t))
        if mode is not None:
            factor, shift = mode
            x = (x * factor).roll(shift, -1)
        return x


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x, gain=None):
        return self.fc(x) if gain is None else self.fc(x) * gain


@sample(*at(1, 0, 2, 3))
class MaybeRoute(nn.Module):
    """Texts, functions and whole numbers that a table may not hold."""

    def __init__(self):
        super().__init__()
        self.experts = nn.ModuleDict({"a": Gated(), "b": Gated()})
        self.route, self.gain = {1: "a", 2: "b"}, {"a": 2.0}
        self.act, self.width = {2: torch.relu, 3: F.gelu}, {1: 3, 2: 1}

    def forward(self, x, t):
        act = self.act.get(t.item())
        if act:
            x = act(x)
        width = self.width.get(int(t))
        if width is not None:
            x = x + x[:, :width].sum()
        name = self.route.get(int(t))
        if name is None or x.sum() > 5:
            return x
        return self.experts[name](x, self.gain.get(name))


@sample(*at(0, 1, 2, 3))
class Chain(nn.Module):
    """A table that leads from key to key until it has none, in a loop."""

    def __init__(self):
        super().__init__()
        self.next = {0: 3, 3: 1, 1: None, 2: 0}
        self.weight = nn.Parameter(R(4))

    def forward(self, x, t):
        current = self.next.get(int(t))
        while current is not None:
            x = x + self.weight[current]
            current = self.next.get(current)
        return x


def append_dims(v, n):
    return v[(...,) + (None,) * (n - v.ndim)]


def narrow(x, dim, start, stop):
    index = [slice(None)] * x.ndim
    index[dim] = slice(start, stop)
    return x[tuple(index)]


def flip(x, dim):
    return x[(slice(None),) * (dim % x.ndim) + (torch.arange(x.size(dim) - 1, -1, -1),)]


@sample(lambda: (R(2, 3, 4), R(2)), lambda: (R(5, 3, 6), R(5)))
class IndexTuples(nn.Module):
    """Indices as long as the rank asks for."""

    def forward(self, x, w):
        k = int((w > 0).sum())
        y = append_dims(w, x.ndim) * x + append_dims(w.sum(), x.ndim) + append_dims(x, x.ndim)
        y = y * w[(slice(None), *[None] * (x.dim() - 1))]
        parts = [narrow(y, 1, 0, 2), narrow(y, -1, 0, k + 1), narrow(y, 0, None, -1), flip(y, -1), flip(y, 1)]
        y = y.clone()
        y[(..., slice(k, None))] = 0
        y[(slice(None),) * (y.ndim - 1) + (0,)] = 7
        y[(slice(None),) * y.ndim] += 1
        y[...] *= w.sum()
        return [*parts, y]


@sample(lambda: (R(1, 2, 5, 4),), lambda: (R(1, 2, 3, 6),), lambda: (R(1, 2, 3, 2),))
class CenterCrop(nn.Module):
    """Slices that a comprehension makes."""

    def crop(self, x, size):
        starts = [max((n - size) // 2, 0) for n in x.shape[2:]]
        return x[(slice(None), slice(None)) + tuple(slice(start, start + size) for start in starts)]

    def forward(self, x):
        return self.crop(x, 3), x[tuple(slice(0, n - n % 2) for n in x.shape)]


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) - 9,))
class PythonOfTorch(nn.Module):
    def forward(self, x):
        p = clamp_probs(x.softmax(-1))
        a, b = broadcast_all(logits_to_probs(probs_to_logits(p)), 0.5)
        if x.sum() > 0:
            return a * b, F.gaussian_nll_loss(x, x * 2, x.exp())
        return a - b, F.triplet_margin_with_distance_loss(x, x * 2, x + 1)


class Surface(enum.IntEnum):
    HOME = 0
    SEARCH = 1
    CART = 5


class Season(enum.Enum):
    COLD = 1
    WARM = 2
    HOT = 3

    @classmethod
    def of(cls, code):
        return cls(int(code))


@sample(*at(0, 1, 5, 4))
class Towers(nn.Module):
    def __init__(self):
        super().__init__()
        self.towers = nn.ModuleDict({surface.name.lower(): nn.Linear(4, 3 + surface % 2) for surface in Surface})

    def forward(self, x, t):
        surface = Surface(int(t))
        return self.towers[surface.name.lower()](x).sum(-1) * surface


@sample(*at(2, 3, 1, 0))
class Seasons(nn.Module):
    def forward(self, x, t):
        season = Season.of(t)
        if season is Season.HOT:
            return x * 0.5
        return x + season.value


@sample(lambda: (R(1, 2, 8, 12),), lambda: (R(1, 2, 9, 7),), lambda: (R(2, 2, 4, 5),))
class Decoder(nn.Module):
    """Encoder and decoder with skipped connections in a list, taken from its end."""

    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1)])
        self.up = nn.ModuleList([nn.Conv2d(12, 4, 3, padding=1), nn.Conv2d(8, 2, 3, padding=1)])

    def forward(self, x):
        skips = []
        for i, block in enumerate(self.down):
            x = block(x if i == 0 else F.max_pool2d(x, 2, ceil_mode=True))
            skips.append(x)
        for i, (block, skip) in enumerate(zip(self.up, reversed(skips[:-1]))):
            h, w = skip.shape[-2:]
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0)[..., :h, :w], skip], 1)) + i
        return x


@sample(*at(3, 1, 0, 6))
class Heads(nn.Module):
    """As many heads as there are feature maps, or fewer."""

    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(4, 1), nn.Linear(4, 2), nn.Linear(4, 3), nn.Linear(4, 4)])

    def forward(self, x, t):
        maps = [x * (1.0 + step) for step in range(int(t))]
        total = x.sum()
        for head, feature in zip(self.heads, maps):
            total = total + head(feature).sum()
        return total, [head(feature).mean() for head, feature in zip(self.heads, maps)]
