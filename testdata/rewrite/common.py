"""What the sample models share: the registry and some parts."""

import dataclasses
import enum
import functools

import torch
import torch.nn as nn
import torch.nn.functional as F

SAMPLES = {}


def sample(inputs, *others, calls=1, kwargs=None, shown=False):
    """Registers a class with an example, other legal inputs, and how often it is called in a row.

    With `shown` the other inputs are among the calls that the model is rewritten for.
    """

    def register(cls):
        SAMPLES[cls.__name__] = (cls, inputs, others, calls, kwargs or {}, shown)
        return cls

    return register


R = torch.randn


@dataclasses.dataclass
class Cfg:
    dim: int = 4
    act: str = "gelu"
    layers: int = 3
    thr: float = 0.5
    norm: bool = True


class Mode(enum.Enum):
    A = "a"
    B = "b"


def timed(fn):
    @functools.wraps(fn)
    def wrapper(self, *args, **kwargs):
        out = fn(self, *args, **kwargs)
        return out * 2

    return wrapper


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        self.fc = nn.Linear(cfg.dim, cfg.dim)
        self.act = {"gelu": F.gelu, "relu": F.relu}[cfg.act]
        self.norm = nn.LayerNorm(cfg.dim) if cfg.norm else None

    def forward(self, x, mask=None, *, scale=1.0):
        h = self.act(self.fc(x)) * scale
        if mask is not None and mask.any():
            h = h.masked_fill(mask.unsqueeze(-1), 0.0)
        if self.norm is not None:
            h = self.norm(h)
        return x + h
