"""Fixtures of this room: sense a small module without a file, a bundle or a command line around it."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
import torch
from torch import nn

from torchassay.inputs.call import Call
from torchassay.loading.subject import Subject
from torchassay.sense.leak import Sensing
from torchassay.sense.sense import sense

Sense = Callable[..., Sensing]


@pytest.fixture
def subject_of() -> Callable[[nn.Module], Subject]:
    """Makes a subject of a module."""

    def make(model: nn.Module) -> Subject:
        signature = inspect.signature(model.forward)
        return Subject(model.eval(), "forward", "model", "model.py:build", None, None, signature)

    return make


@pytest.fixture
def sensed(subject_of: Callable[[nn.Module], Subject]) -> Sense:
    """Senses one call of a module."""

    def run(model: nn.Module, *inputs: object) -> Sensing:
        torch.set_num_threads(1)
        return sense(subject_of(model), Call(inputs))

    return run
