"""What a method returns, in TorchScript's terms: mixed dicts hold anything, data classes become named tuples."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.values import Static, Struct, Value, call, kind_of, literal, name

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def result_code(frame: Frame, value: Value) -> tuple[ast.expr, T.Type]:
    """The code of what the entry returns, with its type."""
    kind = kind_of(value)
    if isinstance(value, Struct):
        return _structure(frame, value)
    if isinstance(value, Static) and value.data is None:
        return ast.Constant(None), T.optional(T.TENSOR)
    code = frame.code(value)
    return code, kind


def _structure(frame: Frame, value: Struct) -> tuple[ast.expr, T.Type]:
    parts = [result_code(frame, item) for item in value.items]
    codes, kinds = [code for code, _ in parts], [kind for _, kind in parts]
    if value.kind is tuple:
        return ast.Tuple(codes, ast.Load()), T.tuple_of(kinds)
    joined = T.join_all(kinds)
    if value.kind is list:
        if joined == T.ANY:
            return ast.Tuple(codes, ast.Load()), T.tuple_of(kinds)
        records = any(kind_of(item).record is not None for item in value.items)
        return ast.List(codes, ast.Load()) if records else frame.code(value), T.list_of(joined)
    if value.kind is dict or (isinstance(value.kind, type) and issubclass(value.kind, dict)):
        return _dictionary(value, codes, kinds)
    return _record(frame, value, codes, kinds)


def _dictionary(value: Struct, codes: list[ast.expr], kinds: list[T.Type]) -> tuple[ast.expr, T.Type]:
    keys = [literal(key) for key in value.keys]
    if len({type(key) for key in value.keys}) > 1 or any(isinstance(key, tuple) or key is None for key in value.keys):
        raise Refused("the result is a dict that TorchScript cannot hold", "use texts as keys")
    key_kind = T.type_of(value.keys[0]) if value.keys else T.STR
    made = ast.Dict(list(keys), codes)
    if len(set(kinds)) == 1:
        return made, T.dict_of(key_kind, kinds[0])
    kind = T.dict_of(key_kind, T.ANY)
    return call("torch.jit.annotate", T.annotation(kind), made), kind


def _record(frame: Frame, value: Struct, codes: list[ast.expr], kinds: list[T.Type]) -> tuple[ast.expr, T.Type]:
    base = getattr(value.kind, "__name__", "Output")
    if not all(isinstance(key, str) and key.isidentifier() for key in value.keys):
        raise Refused("the result is an object that TorchScript cannot hold", "return a named tuple")
    fields = "\n".join(f"    {key}: {T.spell(kind)}" for key, kind in zip(value.keys, kinds, strict=True))
    label, number = base, 1
    text = f"class {label}(NamedTuple):\n{fields or '    pass'}"
    while frame.spec.records.get(label, text) != text:
        label, number = f"{base}_{number}", number + 1
        text = f"class {label}(NamedTuple):\n{fields or '    pass'}"
    frame.spec.records[label] = text
    return ast.Call(name(label), codes, []), T.Type(label)
