"""The table of Python functions that have a counterpart in TorchScript, and what its entries share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.functions import evaluate_now
from torchassay.capture.rewrite.values import (
    Value,
    is_static,
    sample_of,
)

Lowering = Callable[[Frame, list[Value], dict[str, Value]], Value]


FUNCTIONS: dict[Any, Lowering] = {}


def lowers(*functions: Any) -> Callable[[Lowering], Lowering]:
    def register(lowering: Lowering) -> Lowering:
        for function in functions:
            FUNCTIONS[function] = lowering
        return lowering

    return register


def static_call(function: Any, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """The result where all arguments are fixed, None otherwise."""
    values = [*args, *kwargs.values()]
    if all(is_static(item) and not isinstance(sample_of(item), torch.Tensor) for item in values):
        return evaluate_now(function, args, kwargs)
    return None
