"""Operators that a user's class defines: `value[key]`, `key in value`, `len(value)`, `a + b`, as calls of its methods."""

from __future__ import annotations

import ast
import inspect
import types
from typing import TYPE_CHECKING

from torch import nn

from torchassay.capture.rewrite.functions import call_user
from torchassay.capture.rewrite.values import Static, Struct, Value

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

BINARY: dict[type, str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
}
ORDER: dict[type, str] = {ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge"}


def call_protocol(frame: Frame, owner: Value, label: str, *args: Value) -> Value | None:
    """What `owner.__label__(args)` gives when a user's class defines it; None otherwise."""
    kind = type(owner.data) if isinstance(owner, Static) else getattr(owner, "kind", None)
    if not isinstance(owner, (Static, Struct)) or not isinstance(kind, type):
        return None
    member = inspect.getattr_static(kind, f"__{label}__", None)
    if not isinstance(member, types.FunctionType) or not _is_own(member, kind):
        return None
    return call_user(frame, member, [owner, *args], {})


def _is_own(member: types.FunctionType, kind: type) -> bool:
    """Whether it is the user's code, and not one that PyTorch or a decorator of the library wrote."""
    file = member.__code__.co_filename
    if file.startswith("<") or "/torch/" in file:
        return False
    room = (member.__module__ or "").split(".")[0]
    return room not in ("collections", "typing", "dataclasses", "enum", "pathlib") and kind is not nn.Module


def binary_protocol(frame: Frame, op: ast.operator, left: Value, right: Value) -> Value | None:
    """`left op right` by the method of either side."""
    label = BINARY.get(type(op))
    if label is None:
        return None
    found = call_protocol(frame, left, label, right)
    return found if found is not None else call_protocol(frame, right, f"r{label}", left)


def order_protocol(frame: Frame, op: ast.cmpop, left: Value, right: Value) -> Value | None:
    """`left == right`, `left < right`, … by the method of the left side."""
    return call_protocol(frame, left, ORDER[type(op)], right) if type(op) in ORDER else None
