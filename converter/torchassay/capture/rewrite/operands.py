"""Operands: the code of what the operators of torch are given."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.iteration import Iteration
from torchassay.capture.rewrite.lists import listed
from torchassay.capture.rewrite.passing import Spread
from torchassay.capture.rewrite.values import Dynamic, Struct, Value, call, expression, kind_of

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def argument(frame: Frame, value: Value, label: str = "") -> ast.expr:
    """The code of an argument of an operator."""
    if isinstance(value, Spread):
        raise Refused("TorchScript cannot expand `*` here", "pass the list itself")
    if isinstance(value, Iteration):
        value = listed(frame, value)
    if isinstance(value, Struct) and value.kind in (tuple, list) and value.items:
        kinds = {kind_of(item) for item in value.items}
        if len(kinds) > 1 and any(T.is_tensor(kind) for kind in kinds) and kinds <= {T.INT, T.TENSOR, T.UNKNOWN}:
            return _mixed(frame, value)
        if value.kind is tuple:
            return frame.code(Struct(list, list(value.keys), value.items)) if len(kinds) == 1 else frame.code(value)
    if isinstance(value, Dynamic) and value.type.name == "List" and T.is_optional(value.type.args[0]):
        return expression("[torch.jit._unwrap_optional(item) for item in values]", values=value.code)
    if isinstance(value, Dynamic) and T.is_optional(value.type) and label not in _MAY_BE_NONE:
        return value.code
    return frame.code(value)


_MAY_BE_NONE = frozenset(("attn_mask", "mask", "weight", "bias"))


def _mixed(frame: Frame, value: Struct) -> ast.expr:
    """Sizes given partly as 0-d tensors."""
    parts = [call("int", frame.code(item)) if T.is_tensor(kind_of(item)) else frame.code(item) for item in value.items]
    return ast.List(parts, ast.Load())


def spread_code(frame: Frame, args: list[Value]) -> ast.expr:
    """Numbers and expanded lists as one list."""
    total: ast.expr | None = None
    for item in args:
        piece = item.value.code if isinstance(item, Spread) else ast.List([frame.code(item, T.INT)], ast.Load())
        total = piece if total is None else ast.BinOp(total, ast.Add(), piece)
    assert total is not None
    return total
