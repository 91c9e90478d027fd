"""The state of random generators, whoever made them: PyTorch, Python or NumPy."""

from __future__ import annotations

import pickle
import random
import sys
from typing import Any

import torch

_OF_NUMPY = ("Generator", "RandomState", "BitGenerator")


def is_generator(value: object) -> bool:
    """Whether drawing from a value changes it. NumPy need not be there."""
    numpy = sys.modules.get("numpy.random")
    kinds = tuple(getattr(numpy, name) for name in _OF_NUMPY) if numpy is not None else ()
    return isinstance(value, (torch.Generator, random.Random, *kinds))


def generator_state(value: Any) -> Any:
    """What `set_generator_state` takes."""
    if isinstance(value, random.Random):
        return value.getstate()
    if isinstance(value, torch.Generator):
        return value.get_state()
    return value.get_state(legacy=False) if hasattr(value, "get_state") else _bits(value).state


def set_generator_state(value: Any, state: Any) -> None:
    """Puts a generator back to where `generator_state` found it."""
    if isinstance(value, random.Random):
        value.setstate(state)
    elif hasattr(value, "set_state"):
        value.set_state(state)
    else:
        _bits(value).state = state


def fingerprint(state: object) -> bytes:
    """Equal for equal states of one generator."""
    return pickle.dumps(state.tolist() if isinstance(state, torch.Tensor) else state)


def _bits(value: Any) -> Any:
    """The source of bits of a NumPy generator, which holds its state."""
    return getattr(value, "bit_generator", value)
