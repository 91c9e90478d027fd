"""Conversions between TorchScript's types where Python needs none."""

from __future__ import annotations

import ast

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.values import call


def coerce(code: ast.expr, have: T.Type, want: T.Type) -> ast.expr:
    """`code` of type `have` as a `want`; unchanged when TorchScript converts by itself."""
    if have == want or want in (T.UNKNOWN, T.ANY) or T.is_subtype(have, want):
        return code
    if T.is_optional(have) and not T.is_optional(want):
        return coerce(call("torch.jit._unwrap_optional", code), T.bare(have), want)
    if T.is_optional(want):
        return coerce(code, have, T.bare(want))
    if T.is_tensor(want) and have in (T.BOOL, T.INT, T.FLOAT, T.COMPLEX):
        return call("torch.tensor", code)
    if want in (T.INT, T.FLOAT, T.BOOL) and (have in T.NUMBERS or T.is_tensor(have)):
        return call(want.name, code)
    if want.name == "List" and have.name == "Tuple":
        return _listed(code, have, want)
    return code


def _listed(code: ast.expr, have: T.Type, want: T.Type) -> ast.expr:
    if isinstance(code, ast.Tuple):
        parts = [coerce(part, kind, want.args[0]) for part, kind in zip(code.elts, have.args, strict=True)]
        return ast.List(parts, ast.Load())
    parts = [
        coerce(ast.Subscript(code, ast.Constant(number), ast.Load()), kind, want.args[0]) for number, kind in enumerate(have.args)
    ]
    return ast.List(parts, ast.Load())


def truth(code: ast.expr, kind: T.Type) -> ast.expr:
    """The code of a condition: Python's truth of a value of this type."""
    inner = T.bare(kind)
    if T.is_optional(kind):
        present = ast.Compare(code, [ast.IsNot()], [ast.Constant(None)])
        if inner in (T.BOOL, T.INT, T.FLOAT, T.STR) or inner.name in ("List", "Dict") or T.is_tensor(inner):
            unwrapped = call("torch.jit._unwrap_optional", code)
            return ast.BoolOp(ast.And(), [present, truth(unwrapped, inner)])
        return present
    if inner.name in ("List", "Dict") or inner == T.STR:
        return ast.Compare(call("len", code), [ast.Gt()], [ast.Constant(0)])
    if inner.name == "Tuple":
        return ast.Constant(bool(inner.args))
    if inner in (T.INT, T.FLOAT):
        return ast.Compare(code, [ast.NotEq()], [ast.Constant(0 if inner == T.INT else 0.0)])
    return code
