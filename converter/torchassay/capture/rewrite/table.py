"""The table of Python functions that have a counterpart in TorchScript, and what its entries share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.functions import evaluate_now
from torchassay.capture.rewrite.iteration import Iteration, comprehension_list, items_of
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Static,
    Struct,
    Value,
    expression,
    is_static,
    sample_of,
    tuple_value,
)

Lowering = Callable[[Frame, list[Value], dict[str, Value]], Value]


FUNCTIONS: dict[Any, Lowering] = {}


def lowers(*functions: Any) -> Callable[[Lowering], Lowering]:
    def register(lowering: Lowering) -> Lowering:
        for function in functions:
            FUNCTIONS[function] = lowering
        return lowering

    return register


def listed(frame: Frame, value: Value) -> Value:
    """A value that can be passed where a list is wanted."""
    if isinstance(value, Iteration):
        return comprehension_list(frame, value)
    if isinstance(value, Struct) and value.kind is dict:
        return tuple_value([Static(key) for key in value.keys])
    if isinstance(value, Dynamic) and value.type.name == "Dict":
        found = list(value.sample) if value.known else MISSING
        return Dynamic(T.list_of(value.type.args[0]), expression("list(d.keys())", d=value.code), found)
    if isinstance(value, Static) and not isinstance(value.data, (list, tuple, torch.Tensor)):
        items = items_of(frame, value)
        if items is not None:
            return Struct(list, list(range(len(items))), items)
    return value


def static_call(function: Any, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """The result where all arguments are fixed, None otherwise."""
    values = [*args, *kwargs.values()]
    if all(is_static(item) and not isinstance(sample_of(item), torch.Tensor) for item in values):
        return evaluate_now(function, args, kwargs)
    return None
