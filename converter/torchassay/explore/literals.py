"""Collects the constants that a model compares with: in code, defaults, attributes, containers and small buffers."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeGuard

import torch

from torchassay.base.child import file_of_class, is_user_file
from torchassay.explore.functions import functions_of

_MAX_NUMBERS = 200
_MAX_TEXTS = 100
_HUGE = 1e18  # nor is a NaN below it
_MAX_DEPTH = 5
_SMALL_TENSOR = 64
_MAX_SEQUENCES = 40
_INTERNALS = frozenset(vars(torch.nn.Module()))


class Literals:
    """Numbers and texts, the rarer first: a constant that stands in user code once is more telling than 0 or 1.

    `sequences` are several numbers that stand together: a tuple in code, the key of a dictionary, a small buffer.
    """

    def __init__(
        self, numbers: tuple[float | int, ...], texts: tuple[str, ...], sequences: tuple[tuple[float, ...], ...] = ()
    ) -> None:
        self.numbers = numbers
        self.texts = texts
        self.sequences = sequences

    def integers(self, lo: float, hi: float) -> list[int]:
        """Whole numbers within the bounds, each with its neighbours."""
        found: dict[int, None] = {}
        for number in self.numbers:
            for near in (number, number + 1, number - 1):
                if near == int(near) and lo <= near <= hi:
                    found[int(near)] = None
        return list(found)

    def floats(self, lo: float, hi: float) -> list[float]:
        return [float(number) for number in self.numbers if lo <= number <= hi]


def collect(model: torch.nn.Module, executed: frozenset[types.CodeType] = frozenset()) -> Literals:
    """Everything constant in the code and the attributes that belong to the user's part of a model."""
    numbers: dict[float | int, None] = {}
    texts: dict[str, None] = {}
    sequences: dict[tuple[float, ...], None] = {}
    for value in _constants(model, executed):
        if isinstance(value, str) and len(value) <= 64 and len(texts) < _MAX_TEXTS:
            texts[value] = None
        elif _is_number(value) and len(numbers) < _MAX_NUMBERS:
            numbers[value] = None
        elif isinstance(value, tuple) and len(sequences) < _MAX_SEQUENCES:
            sequences[value] = None
    ordered = sorted(numbers, key=lambda number: (number in (0, 1, 2, -1), abs(number)))
    return Literals(tuple(ordered), tuple(texts), tuple(sorted(sequences, key=_rarity)))


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE


def _rarity(sequence: tuple[float, ...]) -> tuple[bool, bool]:
    """Whole numbers before others, and what is no shape or padding before what may be."""
    return any(number != int(number) for number in sequence), all(number in (0, 1, 2, -1) for number in sequence)


def _together(values: Sequence[object]) -> Iterator[tuple[float, ...]]:
    """The numbers of a sequence as one constant."""
    if 1 < len(values) <= _SMALL_TENSOR:
        found = tuple(float(value) for value in values if _is_number(value))
        if len(found) == len(values):
            yield found


def _constants(model: torch.nn.Module, executed: frozenset[types.CodeType]) -> Iterator[object]:
    for function in functions_of(model, executed):
        yield from _of_code(function.__code__)
        yield from _flat(function.__defaults__, 0)
        yield from _flat(function.__kwdefaults__, 0)
        yield from _of_globals(function)
    for module in model.modules():
        yield from _of_module(module)


def _of_code(code: types.CodeType) -> Iterator[object]:
    for constant in code.co_consts[1:] if _has_docstring(code) else code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _of_code(constant)
        else:
            yield from _flat(constant, 0)


def _has_docstring(code: types.CodeType) -> bool:
    return bool(code.co_consts) and isinstance(code.co_consts[0], str) and " " in code.co_consts[0]


def _of_globals(function: types.FunctionType) -> Iterator[object]:
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, int | float | str | tuple | list | dict | set | frozenset):
            yield from _flat(value, 1)
    for cell in function.__closure__ or ():
        if cell != types.CellType():
            yield from _flat(cell.cell_contents, 1)


def _of_module(module: torch.nn.Module) -> Iterator[object]:
    from_torch = type(module).__module__.startswith("torch.")
    for name, value in vars(module).items():
        if name not in _INTERNALS and not from_torch:
            yield from _flat(value, 0)
    for base in type(module).__mro__:
        if not base.__module__.startswith(("torch.", "builtins")):
            for name, value in vars(base).items():
                if not name.startswith("__"):
                    yield from _flat(value, 0)
    for buffer in module.buffers(recurse=False):
        yield from _of_tensor(buffer)


def _flat(value: object, depth: int) -> Iterator[object]:
    if isinstance(value, int | float | str):
        yield value
    elif isinstance(value, torch.Tensor):
        yield from _of_tensor(value)
    elif depth >= _MAX_DEPTH:
        return
    elif _is_settings(value):
        yield from _each(_fields(value), depth)
    elif type(value).__module__ not in ("builtins", "collections"):
        return
    elif isinstance(value, dict):
        yield from _each((part for pair in list(value.items())[:_MAX_NUMBERS] for part in pair), depth)
    elif isinstance(value, list | tuple | set | frozenset | range):
        yield from _together(list(value)[:_MAX_NUMBERS] if isinstance(value, list | tuple) else ())
        yield from _each(list(value)[:_MAX_NUMBERS], depth)


def _is_settings(value: object) -> bool:
    """An object of the user's that holds values: a configuration, a record, a member of an enumeration."""
    if isinstance(value, torch.nn.Module | type | types.FunctionType | types.ModuleType):
        return False
    return is_user_file(file_of_class(type(value)))


def _fields(value: object) -> list[object]:
    """What an object and its classes hold, slots and defaults included; nothing of it is called."""
    found = list(getattr(value, "__dict__", {}).values())
    found += list(value)[:_MAX_NUMBERS] if isinstance(value, tuple) else []
    for base in type(value).__mro__:
        if base.__module__ != "builtins":
            for name, item in vars(base).items():
                slot = isinstance(item, types.MemberDescriptorType)
                found += [] if name.startswith("__") else [getattr(value, name, None) if slot else item]
    return found[:_MAX_NUMBERS]


def _each(values: Iterable[object], depth: int) -> Iterator[object]:
    for value in values:
        yield from _flat(value, depth + 1)


def _of_tensor(tensor: torch.Tensor) -> Iterator[object]:
    if tensor.numel() <= _SMALL_TENSOR and tensor.layout == torch.strided and not tensor.is_complex():
        yield from tensor.detach().flatten().tolist()
        for row in tensor.detach().reshape(-1, tensor.shape[-1]).tolist() if tensor.dim() > 0 else ():
            yield from _together(row)
