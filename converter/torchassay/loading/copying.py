"""Copies a model together with the functions in it that hold variables of their maker's."""

from __future__ import annotations

import copy
import types

from torch import nn

from torchassay.loading.reach import objects


def copied(model: nn.Module) -> nn.Module:
    """A deep copy. Hooks and other nested functions get closures of their own.

    `copy.deepcopy` takes a function as it is: a hook of the copy would still write into the original. It asks its
    memo first (up to Python 3.13), and there it finds the copies of those functions.
    """
    memo: dict[int, object] = {}
    cells: dict[int, tuple[types.CellType, types.CellType]] = {}  # two functions may share a variable
    for _, value in objects([model], own=True):
        if isinstance(value, types.FunctionType) and value.__closure__:
            memo[id(value)] = _twin(value, cells)
    made: nn.Module = copy.deepcopy(model, memo)
    for cell, twin in cells.values():
        if cell != types.CellType():  # bound
            twin.cell_contents = _copied(cell.cell_contents, memo)
    return made


def _twin(function: types.FunctionType, cells: dict[int, tuple[types.CellType, types.CellType]]) -> types.FunctionType:
    """The same function on new cells, which are still empty."""
    closure = tuple(cells.setdefault(id(cell), (cell, types.CellType()))[1] for cell in function.__closure__ or ())
    twin = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, closure)
    twin.__dict__.update(function.__dict__)
    twin.__kwdefaults__ = function.__kwdefaults__
    twin.__qualname__, twin.__module__, twin.__doc__ = function.__qualname__, function.__module__, function.__doc__
    twin.__annotations__ = function.__annotations__
    return twin


def _copied(content: object, memo: dict[int, object]) -> object:
    """What cannot be copied, such as a lock or an open file, is shared."""
    try:
        return copy.deepcopy(content, memo)
    except Exception:  # a user's class may refuse copying in any way
        return content
