"""Autograd functions: only their `forward` is kept, and nothing of their context."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

import torch

from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.functions import call_user
from torchassay.capture.rewrite.values import Static, Value

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


class IgnoredContext:
    """The context of an autograd function: nothing of it is needed without gradients."""

    needs_input_grad = (False,) * 64


def apply_function(frame: Frame, owner: type[torch.autograd.Function], args: list[Value], kwargs: dict[str, Value]) -> Value:
    function = owner.forward
    new_style = owner.setup_context is not torch.autograd.function._SingleLevelFunction.setup_context
    context = [] if new_style else [Static(IgnoredContext())]
    if not isinstance(function, types.FunctionType):
        raise Refused("this autograd function has no Python `forward`")
    return call_user(frame, function, [*context, *args], kwargs)
