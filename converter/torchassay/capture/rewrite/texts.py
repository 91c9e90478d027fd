"""Text made at run time: f-strings, `str`, `format`. TorchScript prints numbers unlike Python, so helpers do it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate, handles
from torchassay.capture.rewrite.samples import attempt
from torchassay.capture.rewrite.tensors import item
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    is_static,
    kind_of,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


@handles(ast.JoinedStr)
def _joined(frame: Frame, node: ast.JoinedStr) -> Value:
    """An f-string."""
    parts: list[Value] = []
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            parts.append(Static(piece.value))
            continue
        assert isinstance(piece, ast.FormattedValue)
        spec = evaluate(frame, piece.format_spec) if piece.format_spec is not None else Static("")
        if not isinstance(spec, Static):
            raise Refused("the format of an f-string is known only at run time")
        convert = {115: str, 114: repr, 97: ascii}.get(piece.conversion)
        parts.append(formatted(frame, evaluate(frame, piece.value), str(spec.data), convert is repr))
    return concatenate(frame, parts)


def concatenate(frame: Frame, parts: list[Value]) -> Value:
    """Several texts as one."""
    if all(isinstance(part, Static) for part in parts):
        return Static("".join(part.data for part in parts if isinstance(part, Static)))
    code: ast.expr | None = None
    for part in parts:
        if isinstance(part, Static) and part.data == "":
            continue
        piece = frame.code(part)
        code = piece if code is None else ast.BinOp(code, ast.Add(), piece)
    samples = [sample_of(part) for part in parts]
    known = not any(sample is MISSING for sample in samples)
    return Dynamic(T.STR, code or ast.Constant(""), "".join(samples) if known else MISSING)


def formatted(frame: Frame, value: Value, spec: str = "", quote: bool = False) -> Value:
    """`format(value, spec)`."""
    if is_static(value) and not isinstance(sample_of(value), Missing_types):
        data = sample_of(value)
        return Static(repr(data) if quote else format(data, spec))
    if isinstance(value, Struct) and value.kind in (tuple, list) and not spec:
        return _sequence(frame, value)
    kind = kind_of(value)
    if T.is_tensor(kind) and isinstance(value, Dynamic):
        value = item(value)
        kind = value.type
    if not isinstance(value, Dynamic):
        raise Refused("this value cannot be formatted in TorchScript", "format numbers and texts only")
    sample = MISSING if not value.known else attempt(lambda: format(value.sample, spec))
    return Dynamic(T.STR, _code(frame, value.code, kind, spec), sample)


Missing_types = (type(MISSING),)


def _sequence(frame: Frame, value: Struct) -> Value:
    opening, closing = ("(", ")") if value.kind is tuple else ("[", "]")
    parts: list[Value] = [Static(opening)]
    for number, part in enumerate(value.items):
        parts += [Static(", ")] if number else []
        parts.append(formatted(frame, part, "", quote=True))
    if value.kind is tuple and len(value.items) == 1:
        parts.append(Static(","))
    return concatenate(frame, [*parts, Static(closing)])


def _code(frame: Frame, code: ast.expr, kind: T.Type, spec: str) -> ast.expr:
    fixed = re.fullmatch(r"\.(\d+)f", spec)
    padded = re.fullmatch(r"0(\d+)d?", spec)
    if kind in (T.INT, T.BOOL) and spec in ("", "d"):
        return call("str", code)
    if kind == T.STR and spec in ("", "s"):
        return code
    if kind == T.DTYPE and spec == "":
        frame.spec.helpers.add("_dtype_text")
        return call("_dtype_text", code)
    if kind in (T.FLOAT, T.INT) and fixed is not None:
        frame.spec.helpers.add("_format_fixed")
        return call("_format_fixed", call("float", code), ast.Constant(int(fixed[1])))
    if kind == T.INT and padded is not None:
        frame.spec.helpers.add("_format_padded")
        return call("_format_padded", code, ast.Constant(int(padded[1])))
    if kind == T.FLOAT and spec == "":
        frame.spec.helpers.add("_format_float")
        return call("_format_float", code)
    if kind.name == "List" and kind.args == (T.INT,) and spec == "":
        frame.spec.helpers.add("_format_list")
        return call("_format_list", code)
    raise Refused(f"TorchScript cannot format a `{T.spell(kind)}` as {spec!r}", "format numbers and texts only")
