"""Bound methods: of modules, of autograd functions, of objects that are fixed in the model."""

from __future__ import annotations

import types
from concurrent.futures import Executor
from typing import TYPE_CHECKING

import torch
from torch import nn

from torchassay.capture.rewrite.attributes import attribute
from torchassay.capture.rewrite.autograd import apply_function
from torchassay.capture.rewrite.edits import Remedy
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_method, call_static
from torchassay.capture.rewrite.functions import call_user, evaluate_now, is_torch, undecorated
from torchassay.capture.rewrite.modules import call_module
from torchassay.capture.rewrite.stores import store_attribute
from torchassay.capture.rewrite.values import (
    Static,
    Value,
    is_static,
    name,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def call_bound(frame: Frame, data: types.MethodType, args: list[Value], kwargs: dict[str, Value]) -> Value:
    owner, function = data.__self__, data.__func__
    if isinstance(owner, Executor):
        return call_method(frame, Static(owner), data.__name__, args, kwargs)
    if isinstance(owner, type) and issubclass(owner, torch.autograd.Function) and data.__name__ == "apply":
        return apply_function(frame, owner, args, kwargs)
    if isinstance(owner, nn.Module) and data.__name__ == "forward" and not isinstance(function, types.FunctionType):
        return call_static(frame, owner, args, kwargs)
    if not isinstance(function, types.FunctionType):
        return call_static(frame, function, [Static(owner), *args], kwargs)
    if isinstance(owner, nn.Module) and function.__qualname__.startswith("Module."):
        return _module_method(frame, owner, data, args, kwargs)
    if isinstance(owner, nn.Module) and is_torch(function) and data.__name__ == "forward":
        if function is not type(owner).forward:  # `super().forward(…)` of a class that derives from one of PyTorch's
            return call_user(frame, function, [Static(owner), *args], kwargs)
        return call_module(frame, owner, args, kwargs)
    if is_torch(function) and undecorated(function) is None and not isinstance(owner, nn.Module):
        if all(is_static(item) for item in (*args, *kwargs.values())):
            return evaluate_now(data, args, kwargs)
        raise Refused(f"`{data.__qualname__}` is not available in TorchScript", "use tensor operators")
    undone = undecorated(function)
    return (
        call_static(frame, undone if undone is not None else function, [Static(owner), *args], kwargs)
        if (undone is not None or not isinstance(owner, nn.Module))
        else call_user(frame, function, [Static(owner), *args], kwargs)
    )


_MODULE_QUERIES = [
    "children",
    "modules",
    "parameters",
    "buffers",
    "named_children",
    "named_modules",
    "named_parameters",
    "named_buffers",
    "get_submodule",
    "get_parameter",
    "get_buffer",
    "extra_repr",
    "state_dict",
    "_get_name",
]


def _module_method(frame: Frame, owner: nn.Module, data: types.MethodType, args: list[Value], kwargs: dict[str, Value]) -> Value:
    label = data.__name__
    if label in _MODULE_QUERIES and all(is_static(item) for item in (*args, *kwargs.values())):
        found = evaluate_now(data, args, kwargs)
        if isinstance(found, Static) and hasattr(found.data, "__next__"):
            return Static(tuple(found.data))
        return found
    if label in ("__call__", "_call_impl", "_wrapped_call_impl"):
        return call_static(frame, owner, args, kwargs)
    if label == "__getattr__":
        return attribute(frame, Static(owner), str(sample_of(args[0])))
    if label == "register_buffer" and len(args) > 1:
        store_attribute(frame, Static(owner), str(sample_of(args[0])), args[1], name("self"))
        return Static(None)
    if label in ("train", "eval"):
        advice = "set it before the conversion"
        raise Refused("the mode of a module is switched in `forward`", advice, Remedy("delete"))
    raise Refused(f"`{label}` of a module is called in `forward`", "do it in `__init__`")
