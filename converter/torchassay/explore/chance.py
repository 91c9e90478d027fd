"""Sets every random generator that a model may draw from."""

from __future__ import annotations

import random
import sys

import torch

_NUMPY_SEEDS = 2**32


def seed_all(seed: int) -> None:
    """Seeds PyTorch's, Python's and (where it is loaded) NumPy's global generator."""
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % _NUMPY_SEEDS)
