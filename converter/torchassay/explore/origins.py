"""How truth tensors were made: from which comparisons, through which reductions; and how near they are to turning.

The bits of a truth tensor do not tell how much was missing. The operators that made it are noted as they run, and found
again by the identity of their results.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from torchassay.explore import gaps
from torchassay.loading.contents import raw

_MANY = 4096  # elements of a tensor that are kept in mind
_DEEP = 12  # operators
_COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))
_NAMES = {
    "gt": ">", "__gt__": ">", "greater": ">", "lt": "<", "__lt__": "<", "less": "<",
    "ge": ">=", "__ge__": ">=", "greater_equal": ">=", "le": "<=", "__le__": "<=", "less_equal": "<=",
    "eq": "==", "__eq__": "==", "ne": "!=", "__ne__": "!=", "not_equal": "!=",
}  # fmt: skip
_REDUCTIONS = frozenset(("any", "all", "sum", "max", "min", "amax", "amin", "count_nonzero", "is_nonzero", "squeeze",
                         "reshape", "view", "flatten", "bool", "clone", "detach", "item", "__bool__", "mean"))  # fmt: skip
_FINITE = frozenset(("isnan", "isinf", "isfinite"))
_RESHAPES = frozenset(("squeeze", "reshape", "view", "flatten", "clone", "detach"))
_LOGIC = frozenset(("logical_not", "__invert__", "bitwise_not", "logical_and", "__and__", "bitwise_and",
                    "logical_or", "__or__", "bitwise_or", "isnan", "isinf", "isfinite"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """Which function made a truth tensor, and from what."""

    name: str
    arguments: tuple[object, ...]
    result: torch.Tensor  # kept alive: origins are found by identity
    keywords: Mapping[str, object] = field(default_factory=dict)

    @property
    def dims(self) -> tuple[int, ...]:
        """The dimensions that a reduction is along; none where it is over all of them."""
        found = self.keywords.get("dim", self.arguments[1] if len(self.arguments) > 1 else None)
        return (found,) if type(found) is int else tuple(found) if isinstance(found, tuple | list) else ()


class Origins:
    """The truth tensors since the listening began."""

    def __init__(self) -> None:
        self._made: dict[int, Origin] = {}

    def clear(self) -> None:
        self._made = {}

    def ran(self, name: str, arguments: tuple[object, ...], keywords: Mapping[str, object], result: torch.Tensor) -> None:
        """Notes an operator, if it compares or if it goes on from what a comparison made."""
        if name in _NAMES or name in _LOGIC or (name in _REDUCTIONS and bool(arguments) and self.knows(arguments[0])):
            self._made[id(result)] = Origin(name, arguments, result, keywords)

    def compared(self, op: str, left: object, right: object, result: torch.Tensor) -> None:
        """Notes a comparison that stands in the source."""
        self._made[id(result)] = Origin(op, (left, right), result)

    def knows(self, value: object) -> bool:
        return isinstance(value, torch.Tensor) and id(value) in self._made

    def is_mask(self, value: object) -> bool:
        return gaps.is_truth(value) and self.knows(value)

    def gap(self, value: torch.Tensor) -> Any:
        """The gap of a truth tensor of one element; raises what operators raise for shapes that do not fit."""
        return gaps.reduced(self._elementwise(value, "any", 0), "any")

    def gaps_of_mask(self, mask: Any) -> Any:
        """The gap of each element; None where that cannot be told."""
        found = None
        with contextlib.suppress(TypeError, RuntimeError, ValueError, IndexError), torch.no_grad():
            found = self._elementwise(mask, "any", 0)
        return found

    def _origin(self, value: Any) -> Origin | None:
        return self._made.get(id(value)) if isinstance(value, torch.Tensor) else None

    def operands(self, value: Any, depth: int = 0) -> tuple[torch.Tensor, ...]:
        """The two tensors behind `(a == b).all()` and its like."""
        origin = self._origin(value)
        if origin is None or depth > 4:
            return ()
        if _NAMES.get(origin.name, origin.name) in ("==", "!="):
            both = origin.arguments[:2]
            tensors = tuple(part.detach().clone() for part in both if isinstance(part, torch.Tensor))
            return tensors if len(tensors) == 2 else ()
        return self.operands(origin.arguments[0], depth + 1) if origin.arguments else ()

    def contents(self, value: Any, depth: int = 0) -> object:
        """What was in the tensors that a truth tensor was made of, as far as that is known; None where it is not."""
        origin = self._origin(value)
        if origin is None:
            return _fact_of_tensor(value) if isinstance(value, torch.Tensor) else value
        if depth > _DEEP:
            return None
        facts = [self.contents(part, depth + 1) for part in origin.arguments if isinstance(part, torch.Tensor | int | float)]
        return None if None in facts else tuple(facts)

    def asks_finite(self, value: Any, depth: int = 0) -> bool:
        """Whether a truth tensor says of other tensors only where they are NaN or infinite."""
        origin = self._origin(value)
        if origin is None or depth > _DEEP:
            return False
        if origin.name in _FINITE:
            return True
        parts = [part for part in origin.arguments if isinstance(part, torch.Tensor)]
        if _NAMES.get(origin.name, origin.name) in ("!=", "=="):
            return len(parts) == 2 and parts[0] is parts[1]  # `x != x` where x is NaN
        return bool(parts) and all(self.asks_finite(part, depth + 1) for part in parts)

    def _elementwise(self, value: Any, reduction: str, depth: int) -> Any:
        origin = self._origin(value)
        if origin is None or depth > _DEEP:
            return value.detach().double() * 2 - 1 if gaps.is_truth(value) else gaps.of_value(value)
        name = origin.name
        if name in _NAMES or name in _COMPARISONS:
            return gaps.of_elements(_NAMES.get(name, name), origin.arguments[0], origin.arguments[1])
        if name in _RESHAPES:
            inner = self._elementwise(origin.arguments[0], reduction, depth + 1)
            return inner.reshape(value.shape) if isinstance(inner, torch.Tensor) and inner.numel() == value.numel() else inner
        if name in _REDUCTIONS:
            kind = "all" if name in ("all", "min", "amin") else "any"
            inner = self._elementwise(origin.arguments[0], kind, depth + 1)
            return gaps.reduced(inner, kind, origin.dims, keepdim=bool(origin.keywords.get("keepdim", False)))
        return self._logic(name, origin, reduction, depth)

    def _logic(self, name: str, origin: Origin, reduction: str, depth: int) -> Any:
        if name in _FINITE:
            return origin.result.double() * 2 - 1
        first = self._elementwise(origin.arguments[0], reduction, depth + 1)
        if len(origin.arguments) == 1:
            return -first
        second = self._elementwise(origin.arguments[1], reduction, depth + 1)
        return torch.minimum(first, second) if "and" in name else torch.maximum(first, second)


def _fact_of_tensor(tensor: torch.Tensor) -> object:
    """Equal for equal tensors; None for one that is not plain in memory or too large to be read through."""
    held = raw(tensor, _MANY)
    return None if held is None else (tuple(tensor.shape), str(tensor.dtype), hash(held))
