"""Counts of what meets a test: positions where a mask holds, elements that it selects, and the numbers made from both.

`for i in (x == 7).nonzero():` and `if x[x > 3].numel() > 2:` depend on how many elements pass, which a number alone does
not show the way to: what matters is how near the next element is to passing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from torchassay.explore import gaps

_BY_OWN_VALUES = frozenset(("nonzero", "argwhere", "count_nonzero"))
_BY_MASK = {"masked_select": 1, "__getitem__": 1, "compress": 0}
_SAME = frozenset(("flatten", "squeeze", "unbind", "tolist", "unique", "reshape", "view", "__getitem__", "cpu", "numpy",
                   "long", "int", "to", "detach", "clone", "sort", "t"))  # fmt: skip
_LENGTHS = frozenset(("numel", "size", "__len__", "__get__"))
_COMPARED = frozenset(("<", "<=", ">", ">=", "==", "!="))
_ROUND = 1e6  # a gap for each element that is missing beyond the next one

Mask = Any  # the elements that a truth tensor holds, or a tensor whose non-zero elements count


class Counts:
    """Which tensors, lists and numbers are as long as a mask has true elements; found again by identity and by value."""

    def __init__(self, of_mask: Callable[[Any], Any], is_truth: Callable[[object], bool]) -> None:
        self._of_mask = of_mask  # the gaps of a mask's elements
        self._is_truth = is_truth
        self._made: dict[int, tuple[object, Mask]] = {}
        self._numbers: dict[int, Mask] = {}

    def clear(self) -> None:
        self._made = {}
        self._numbers = {}

    def ran(self, name: str, arguments: Sequence[object], keywords: Mapping[str, object], result: object) -> None:
        """Notes what an operator made."""
        mask = self._mask_of(name, arguments, keywords)
        if mask is None:
            return
        if type(result) is int:
            self._numbers[result] = mask
        elif isinstance(result, torch.Size):
            for size in result[:1]:
                self._numbers[int(size)] = mask
        else:
            self._keep(result, mask)

    def _keep(self, result: object, mask: Mask) -> None:
        self._made[id(result)] = (result, mask)
        if isinstance(result, tuple):
            for part in result:
                self._made[id(part)] = (part, mask)

    def _mask_of(self, name: str, arguments: Sequence[object], keywords: Mapping[str, object]) -> Mask | None:
        if not arguments:
            return None
        if name in _BY_OWN_VALUES or (name == "where" and len(arguments) + len(keywords) == 1):
            return arguments[0]
        if name in _BY_MASK and len(arguments) > 1 and self._is_truth(arguments[_BY_MASK[name]]):
            return arguments[_BY_MASK[name]]
        known = self._made.get(id(arguments[0])) if name in _SAME or name in _LENGTHS else None
        return known[1] if known is not None else None

    def turns(self, value: object) -> float | None:
        """How far a loop over something is from being entered, or left out; None where no mask says how long it is."""
        known = self._made.get(id(value))
        if known is None or not hasattr(value, "__len__"):
            return None
        return self._nearest(known[1], wanted=len(value) == 0)

    def of_number(self, op: str, left: object, right: object, outcome: bool) -> float | None:
        """The gap of a comparison of a count with a number; None where neither is a count."""
        if op not in _COMPARED or type(left) is not int or type(right) is not int:
            return None
        if left not in self._numbers and right not in self._numbers:
            return None
        count, other = (left, right) if left in self._numbers else (right, left)
        if left not in self._numbers:
            op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
        equality = op in ("==", "!=")
        more = count <= other if equality else (op in (">", ">=")) != outcome
        missing = abs(other - count) + (op in (">", "<") and not outcome) + (op in (">=", "<=") and outcome)
        gap = self._nearest(self._numbers[count], wanted=more)
        return None if gap is None else (1.0 if outcome else -1.0) * (abs(gap) + max(missing - 1, 0) * _ROUND)

    def of_truth(self, value: object) -> float | None:
        """The gap of a count taken as a truth."""
        return self.of_number("!=", value, 0, bool(value)) if type(value) is int else None

    def _nearest(self, mask: Mask, *, wanted: bool) -> float | None:
        """How far the next element is from passing (negative), or from passing no more."""
        found = self._of_mask(mask)
        if not isinstance(found, torch.Tensor) or not isinstance(mask, torch.Tensor) or found.shape != mask.shape:
            return None
        passes = mask.detach() != 0
        beyond = found.detach().double()[~passes if wanted else passes]
        if beyond.numel() == 0:
            return None
        return min(float(beyond.max()), -gaps.TINY) if wanted else max(float(beyond.min()), gaps.TINY)
