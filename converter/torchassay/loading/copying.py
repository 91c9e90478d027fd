"""Copies a model together with the functions in it that hold variables of their maker's."""

from __future__ import annotations

import copy
import types

from torch import nn

from torchassay.loading.reach import ATOMS, is_plain_object, is_users, objects

_PICKLING = ("__getstate__", "__reduce__", "__reduce_ex__", "__deepcopy__")


def copied(model: nn.Module) -> nn.Module:
    """A deep copy. Hooks and other nested functions get closures of their own.

    `copy.deepcopy` takes a function as it is: a hook of the copy would still write into the original. It asks its
    memo first (up to Python 3.13), and there it finds the copies of those functions. There it also finds objects whose
    class says how they are pickled: that often leaves something out which the model needs.
    """
    memo: dict[int, object] = {}
    cells: dict[int, tuple[types.CellType, types.CellType]] = {}  # two functions may share a variable
    selfish: list[object] = []
    for _, value in objects([model], own=True):
        if isinstance(value, types.FunctionType) and value.__closure__:
            memo[id(value)] = _twin(value, cells)
        elif _never_changes(value):
            memo[id(value)] = value
        elif _pickles_itself(value):
            selfish.append(value)
            memo[id(value)] = type(value).__new__(type(value))
    made: nn.Module = copy.deepcopy(model, memo)
    for value in selfish:
        vars(memo[id(value)]).update(copy.deepcopy(vars(value), memo))
    for cell, twin in cells.values():
        if cell != types.CellType():  # bound
            twin.cell_contents = _copied(cell.cell_contents, memo)
    return made


def may_differ(model: nn.Module) -> bool:
    """Whether a model holds objects of the user's classes, which may be copied in ways of their own."""
    return any(is_users(type(value)) and not _is_plain_module(value) for _, value in objects([model], own=True))


def _is_plain_module(value: object) -> bool:
    return isinstance(value, nn.Module) and not _pickles_itself(value)


def _never_changes(value: object) -> bool:
    """Whether an object of a class of the user's is a tuple of numbers, texts and the like: its class may be made otherwise."""
    return isinstance(value, tuple | frozenset) and is_users(type(value)) and all(isinstance(item, ATOMS) for item in value)


def _pickles_itself(value: object) -> bool:
    """Whether an object is of a class of the user's that has copying and pickling its own way."""
    bases = [base for base in type(value).__mro__ if is_users(base)] if hasattr(value, "__dict__") else []
    return is_plain_object(value) and any(name in vars(base) for base in bases for name in _PICKLING)


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
