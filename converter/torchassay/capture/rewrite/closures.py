"""The variables of closures and the iterators that a model keeps, each known by the way that leads to it in every copy."""

from __future__ import annotations

import functools
import types
from typing import Any

import torch
from torch import nn

from torchassay.capture.rewrite.homes import is_plain_object

DEPTH = 8
_ATOMS = (nn.Module, torch.Tensor, str, bytes, int, float, complex, type(None), type)
Found = dict[tuple[Any, ...], Any]


def closure_cells(model: nn.Module) -> Found:
    """What modules hold as attributes, hooks, in containers, in other closures: variables of functions, and iterators."""
    found: Found = {}
    seen: set[int] = set()
    for path, module in model.named_modules():
        for label, item in vars(module).items():
            _walk(item, ("closure", path, label), found, seen)
    return found


def _walk(item: Any, key: tuple[Any, ...], found: Found, seen: set[int]) -> None:
    if isinstance(item, _ATOMS) or id(item) in seen or len(key) > DEPTH:
        return
    seen.add(id(item))
    if isinstance(item, types.FunctionType):
        _functions(item, key, found, seen)
    elif isinstance(item, types.MethodType):
        _walk(item.__func__, key, found, seen)
        _walk(item.__self__, key, found, seen)
    elif hasattr(item, "__next__") and not is_plain_object(item):
        found[key] = item
    else:
        for number, part in enumerate(_parts(item)):
            _walk(part, (*key, number), found, seen)


def _functions(function: types.FunctionType, key: tuple[Any, ...], found: Found, seen: set[int]) -> None:
    for text, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if id(cell) in seen or text == "__class__":
            continue
        seen.add(id(cell))
        found[(*key, text)] = cell
        if cell != types.CellType():
            _walk(cell.cell_contents, (*key, text), found, seen)


def _parts(item: Any) -> list[Any]:
    if isinstance(item, functools.partial):
        return [item.func, *item.args, *item.keywords.values()]
    if isinstance(item, dict):
        return list(item.values())
    if isinstance(item, (list, tuple)):
        return list(item)
    return list(vars(item).values()) if is_plain_object(item) else []
