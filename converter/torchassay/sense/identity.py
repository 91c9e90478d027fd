"""The sensor for `a is b` between tensors, which no call and no dispatch ever sees."""

from __future__ import annotations

import ast
import dis
from functools import lru_cache
from types import CodeType, FrameType

import torch

from torchassay.source.index import source_file
from torchassay.source.instructions import position_at

_UNKNOWN = object()


@lru_cache(maxsize=4096)
def identity_tests(code: CodeType) -> dict[int, tuple[ast.expr, ast.expr]]:
    """Returns the operands of each `is` in `code` by byte offset, where both are names or attributes."""
    found: dict[int, tuple[ast.expr, ast.expr]] = {}
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IS_OP":
            operands = _operands(code, instruction.offset)
            if operands is not None:
                found[instruction.offset] = operands
    return found


def _operands(code: CodeType, offset: int) -> tuple[ast.expr, ast.expr] | None:
    source, position = source_file(code.co_filename), position_at(code, offset)
    node = source.node_at(position) if source is not None and position is not None else None
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    left, right = node.left, node.comparators[0]
    return None if isinstance(left, ast.Constant) or isinstance(right, ast.Constant) else (left, right)


def tensors_compared(frame: FrameType, operands: tuple[ast.expr, ast.expr]) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Returns both operands if they are tensors."""
    left, right = (_evaluate(frame, operand) for operand in operands)
    return (left, right) if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor) else None


def _evaluate(frame: FrameType, node: ast.expr) -> object:
    """Evaluates names, attributes held in instance dictionaries and constant indices: nothing that runs user code."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id, _UNKNOWN))
    if isinstance(node, ast.Attribute):
        owner = _evaluate(frame, node.value)
        if isinstance(owner, torch.nn.Module):
            for table in (owner._buffers, owner._parameters, owner._modules):
                if node.attr in table:
                    return table[node.attr]
        return getattr(owner, "__dict__", {}).get(node.attr, _UNKNOWN)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        owner = _evaluate(frame, node.value)
        try:
            return owner[node.slice.value] if type(owner) in (list, tuple, dict) else _UNKNOWN  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return _UNKNOWN
    return _UNKNOWN
