"""The code of values: literals, structures and containers as TorchScript writes them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.coerce import coerce
from torchassay.capture.rewrite.dispatch import settle_choice
from torchassay.capture.rewrite.values import (
    Choice,
    Dynamic,
    Static,
    Struct,
    Value,
    expression,
    kind_of,
    literal,
    name,
    unpack,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def lower(frame: Frame, value: Value, want: T.Type | None = None) -> ast.expr | None:
    """Like `code`; None when there is none."""
    if isinstance(value, Static) and isinstance(value.data, torch.Tensor):
        found: ast.expr | None = frame.spec.layout.constant(value.data, frame.host)
    elif isinstance(value, Static):
        unpacked = unpack(value)
        found = _lower_struct(frame, unpacked, want) if isinstance(unpacked, Struct) else literal(value.data)
    elif isinstance(value, Dynamic):
        found = value.code
    elif isinstance(value, Struct):
        return _lower_struct(frame, value, want)
    elif isinstance(value, Choice):
        settled = settle_choice(frame, value)
        return None if isinstance(settled, Choice) else lower(frame, settled, want)
    else:
        found = None
    if found is None or want is None:
        return found
    return coerce(found, kind_of(value), want)


def _lower_struct(frame: Frame, value: Struct, want: T.Type | None) -> ast.expr | None:
    wanted = T.bare(want) if want is not None else None
    as_list = wanted is not None and wanted.name == "List" and value.kind in (list, tuple)
    kinds = _item_types(value, wanted, as_list)
    parts = [lower(frame, item, kind) for item, kind in zip(value.items, kinds, strict=True)]
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return None
    as_tuple = wanted is not None and wanted.name == "Tuple"
    if (value.kind is tuple and not as_list) or (as_tuple and kind_of(value).record is not None):
        return ast.Tuple(found, ast.Load())
    if value.kind is list or as_list:
        if any(isinstance(part, ast.Slice) for part in found):
            return None
        return _list(found, wanted or kind_of(value))
    if value.kind is dict:
        return _dict(value, found, wanted or kind_of(value))
    return _record(frame, value, found)


def _list(parts: list[ast.expr], kind: T.Type) -> ast.expr | None:
    if T.ANY in kind.args:
        return None
    if not parts and T.UNKNOWN not in kind.args:
        return expression(f"torch.jit.annotate({T.spell(kind)}, [])")
    return ast.List(parts, ast.Load())


def _dict(value: Struct, parts: list[ast.expr], kind: T.Type) -> ast.expr | None:
    keys = [literal(key) for key in value.keys]
    if T.ANY in kind.args or any(key is None for key in keys) or any(isinstance(key, tuple) for key in value.keys):
        return None
    if not parts and T.UNKNOWN not in kind.args:
        return expression(f"torch.jit.annotate({T.spell(kind)}, {{}})")
    return ast.Dict([key for key in keys if key is not None], parts)


def _item_types(value: Struct, want: T.Type | None, as_list: bool) -> list[T.Type | None]:
    count = len(value.items)
    if want is not None and want.name == "Tuple" and len(want.args) == count:
        return list(want.args)
    if value.kind is list or as_list:
        kind = want if want is not None and want.name == "List" else kind_of(value)
        return [kind.args[0]] * count if kind.args else [None] * count
    if value.kind is dict:
        kind = want if want is not None and want.name == "Dict" else kind_of(value)
        return [kind.args[1]] * count
    return [None] * count


def _record(frame: Frame, value: Struct, parts: list[ast.expr]) -> ast.expr | None:
    """A named tuple for a data class or another object with fields."""
    kinds = [kind_of(item) for item in value.items]
    base = getattr(value.kind, "__name__", "Output")
    if not all(isinstance(key, str) and key.isidentifier() for key in value.keys) or T.ANY in kinds:
        return None
    fields = "\n".join(f"    {key}: {T.spell(kind)}" for key, kind in zip(value.keys, kinds, strict=True))
    text = f"class {base}(NamedTuple):\n{fields or '    pass'}"
    if frame.spec.records.setdefault(base, text) != text:
        return None
    return ast.Call(name(base), list(parts), [])
