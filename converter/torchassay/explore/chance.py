"""Sets every random generator that a model may draw from."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass

import torch

_NUMPY_SEEDS = 2**32
_APART = 1_000_003  # our seeds stay clear of the small ones that models set themselves
_OFFSET = 77_731


def seed_all(seed: int) -> None:
    """Seeds PyTorch's, Python's and (where it is loaded) NumPy's global generator."""
    seed = seed * _APART + _OFFSET
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % _NUMPY_SEEDS)


@dataclass(frozen=True, slots=True)
class ChanceState:
    """Where each global generator stands; comparing two tells whether anything was drawn between them."""

    torch: torch.Tensor
    python: object
    numpy: object

    def drawn_since(self) -> bool:
        """Whether any generator has moved since this was taken."""
        now = chance_state()
        if not torch.equal(self.torch, now.torch) or self.python != now.python:
            return True
        return str(self.numpy) != str(now.numpy)


def chance_state() -> ChanceState:
    numpy = sys.modules.get("numpy")
    drawn = numpy.random.get_state() if numpy is not None else None
    return ChanceState(torch.default_generator.get_state(), random.getstate(), drawn)
