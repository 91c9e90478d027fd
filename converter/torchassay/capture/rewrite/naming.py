"""Functions of torch by the name that TorchScript finds them under, and what they give for recorded arguments."""

from __future__ import annotations

import sys
import types
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch._jit_internal import boolean_dispatched
from torch.jit._builtins import _find_builtin

from torchassay.capture.rewrite.passing import Spread
from torchassay.capture.rewrite.samples import attempt
from torchassay.capture.rewrite.values import (
    MISSING,
    Value,
    sample_of,
)

if TYPE_CHECKING:
    pass


ROOMS = (
    "torch",
    "torch.nn.functional",
    "torch.linalg",
    "torch.fft",
    "torch.special",
    "torch.nn.utils.rnn",
    "torch.nn.init",
    "torch._C._nn",
    "torch.functional",
)


@lru_cache(maxsize=1)
def _names() -> dict[int, str]:
    found: dict[int, str] = {}
    for room in ROOMS:
        module = sys.modules.get(room)
        for label, item in vars(module).items() if module is not None else ():
            if callable(item) and not isinstance(item, type) and not label.startswith("__"):
                found.setdefault(id(item), f"{room}.{label}")
    return found


def dotted_name(function: Any) -> str | None:
    """How TorchScript finds a function of torch: `torch.nn.functional.relu`."""
    text = _names().get(id(function))
    if text is not None:
        return text
    kind = type(function).__name__
    if kind in ("OpOverloadPacket", "OpOverload"):
        return (
            f"torch.ops.{function._qualified_op_name.replace('::', '.')}"
            if kind == "OpOverloadPacket"
            else (f"torch.ops.{function.namespace}.{function._schema.name.split('::')[1]}")
        )
    return None


@lru_cache(maxsize=256)
def compiles(function: Any) -> bool:
    """Whether TorchScript takes a function of torch as it stands: built in, selected by its arguments, or compiled."""
    if not isinstance(function, types.FunctionType) or function in boolean_dispatched:
        return True
    builtin = _find_builtin(function)
    if builtin is not None:
        return bool(torch._C._jit_get_schemas_for_operator(builtin))
    try:
        torch.jit.script(function)
    except Exception as error:  # TorchScript raises whatever its frontend meets
        return "it is overloaded" in str(error)
    return True


def sample_call(function: Any, args: list[Value], kwargs: dict[str, Value]) -> Any:
    given: list[Any] = []
    for item in args:
        value = sample_of(item.value) if isinstance(item, Spread) else sample_of(item)
        if value is MISSING:
            return MISSING
        given += list(value) if isinstance(item, Spread) else [value]
    named = {key: sample_of(item) for key, item in kwargs.items()}
    if any(item is MISSING for item in named.values()):
        return MISSING
    state = torch.get_rng_state()
    try:
        return attempt(lambda: function(*given, **named))
    finally:
        torch.set_rng_state(state)
