"""When two values are certainly the same, and how a value is called in a message."""

from __future__ import annotations

import ast
import copy
from typing import Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.values import (
    Dynamic,
    Function,
    Method,
    Static,
    Struct,
    Value,
)


def same(one: Value, two: Value) -> bool:
    """Whether both are certainly the same value, in the same place."""
    if one is two:
        return True
    if isinstance(one, Static) and isinstance(two, Static):
        return same_data(one.data, two.data)
    if isinstance(one, Dynamic) and isinstance(two, Dynamic):
        named = isinstance(one.code, ast.Name) and isinstance(two.code, ast.Name)
        return named and one.code.id == two.code.id and one.type == two.type  # type: ignore[attr-defined]
    if isinstance(one, Struct) and isinstance(two, Struct):
        return alike(one, two) and all(same(a, b) for a, b in zip(one.items, two.items, strict=True))
    if isinstance(one, Function) and isinstance(two, Function):
        return one.node is two.node and one.frame is two.frame
    if isinstance(one, Method) and isinstance(two, Method):
        return one.name == two.name and same(one.owner, two.owner)
    return False


def same_data(one: object, two: object) -> bool:
    """Identity, or equality of plain values of one type."""
    if one is two:
        return True
    if type(one) is not type(two) or isinstance(one, torch.Tensor):
        return False
    if isinstance(one, (bool, int, float, str, type(None))):
        return one == two
    if isinstance(one, (tuple, list)) and isinstance(two, (tuple, list)):
        return len(one) == len(two) and all(same_data(a, b) for a, b in zip(one, two, strict=True))
    return False


def alike(one: Struct, two: Struct) -> bool:
    return one.kind is two.kind and one.keys == two.keys


def describe(value: Value) -> str:
    """The value in an error message."""
    if isinstance(value, Static):
        return f"a Python `{type(value.data).__name__}`"
    if isinstance(value, Dynamic):
        return f"a `{T.spell(value.type)}`"
    if isinstance(value, Struct):
        return f"a `{getattr(value.kind, '__name__', value.kind)}`"
    return "a function" if isinstance(value, Function) else "one of several objects"


def copied(sample: Any) -> Any:
    if isinstance(sample, (list, dict)):
        try:
            return copy.copy(sample)
        except Exception:
            return sample
    return sample
