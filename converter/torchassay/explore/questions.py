"""Tests that call a library which cannot be listened to: what they were asked about, and how far they are from turning.

`if np.any(scores > 0.5):` or `if math.isclose(a, b):` decides inside of compiled code. What went in tells whether the
answer can change at all, and for the questions that are known here also by how much it missed the other side.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from torchassay.explore import gaps

_ABOUT_KINDS = (isinstance, issubclass, hasattr, callable, torch.is_tensor)
_NUMBERS = "numpy"
_MANY = 4096  # elements: of larger arrays the sum stands for the values


@dataclass(frozen=True, slots=True)
class Question:
    """One call whose truth was taken. `facts` are equal for equal questions; None where they say nothing.

    `gap` is None where it is not known; `left` and `right` are values that might take each other's place.
    """

    facts: object = None
    gap: float | None = None
    left: object = None
    right: object = None


class Arrays:
    """The elementwise comparisons of arrays since the listening began, found again by their result."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[str, Any, Any, Any]] = {}

    def clear(self) -> None:
        self._made = {}

    def compared(self, op: str, left: Any, right: Any, result: Any) -> None:
        self._made[id(result)] = (op, left, right, result)

    def gap(self, truths: Any, reduction: str) -> float | None:
        """The gap of `any` or `all` over an array of truths, from what it was compared of."""
        made = self._made.get(id(truths))
        op, left, right, _ = made if made is not None else ("!=", truths, 0, None)
        found = None
        with contextlib.suppress(TypeError, ValueError, RuntimeError):
            found = float(gaps.reduced(gaps.of_elements(op, _tensor(left), _tensor(right)), reduction))
        return found


def is_array(value: object) -> bool:
    """An array of NumPy's, or of a library that follows it; scalars are numbers."""
    return type(value).__module__.partition(".")[0] == _NUMBERS and getattr(value, "ndim", 0) > 0


def question(function: Any, arguments: Sequence[Any], keywords: Mapping[str, Any], outcome: bool, arrays: Arrays) -> Question:
    """What a call asked; the empty question where it is about kinds of objects or about tensors, which are seen elsewhere."""
    subject = getattr(function, "__self__", None)
    parts = (*(() if _is_module(subject) else (subject,)), *arguments, *keywords.values())
    if any(function is known for known in _ABOUT_KINDS) or any(isinstance(part, torch.Tensor) for part in parts):
        return Question()
    facts = tuple(fact for fact in map(_fact, parts) if fact is not None)
    if not facts:
        return Question()
    name, operands = getattr(function, "__name__", ""), [part for part in parts if part is not None]
    gap = _gap(name, operands, keywords, outcome, arrays)
    left, right = (*operands, None, None)[:2] if name in _TWO else (None, None)
    return Question(facts, gap, left, right)


def _is_module(value: object) -> bool:
    return value is None or type(value).__name__ == "module"


def _fact(value: object) -> object:
    """A value in a form that can be kept and compared; None for an object that says nothing."""
    if isinstance(value, bool | int | float | complex | str | bytes):
        return value
    if is_array(value):
        return _array_fact(value)
    if type(value).__module__ == _NUMBERS and hasattr(value, "item"):
        return _fact(value.item())
    if isinstance(value, list | tuple | set | frozenset) and len(value) <= gaps.MAX_MEMBERS:
        return (type(value).__name__, *(fact for fact in map(_fact, value) if fact is not None))
    return None


def _array_fact(value: Any) -> object:
    return (value.shape, value.tobytes() if value.size <= _MANY and value.dtype != object else str(value.sum()))


def _gap(name: str, operands: Sequence[Any], keywords: Mapping[str, Any], outcome: bool, arrays: Arrays) -> float | None:
    found = None
    with contextlib.suppress(TypeError, ValueError, RuntimeError, OverflowError, IndexError):
        found = _GAPS[name](operands, keywords, arrays) if name in _GAPS else None
    if found is None or math.isnan(found):
        return None
    return found if (found > 0) == outcome and found != 0 else (gaps.TINY if outcome else -gaps.TINY)


_Gap = Callable[[Sequence[Any], Mapping[str, Any], Arrays], float | None]


def _reduction(kind: str) -> _Gap:
    return lambda operands, _, arrays: arrays.gap(operands[0], kind) if is_array(operands[0]) else None


def _close(operands: Sequence[Any], keywords: Mapping[str, Any], _: Arrays) -> float:
    """|a - b| <= rel_tol * max(|a|, |b|), abs_tol: the formula of `math.isclose`."""
    a, b = float(operands[0]), float(operands[1])
    slack = max(keywords.get("rel_tol", 1e-9) * max(abs(a), abs(b)), keywords.get("abs_tol", 0.0))
    return float(slack - abs(a - b))


def _all_close(operands: Sequence[Any], keywords: Mapping[str, Any], _: Arrays) -> float:
    """|a - b| <= atol + rtol * |b|: the formula of `numpy.isclose`."""
    left, right = (_tensor(part) for part in operands[:2])
    apart = torch.as_tensor(gaps.real(left) - gaps.real(right)).double().abs()
    slack = keywords.get("atol", 1e-8) + keywords.get("rtol", 1e-5) * torch.as_tensor(right).double().abs()
    return float(gaps.reduced(slack - apart, "all"))


def _same(operands: Sequence[Any], _: Mapping[str, Any], __: Arrays) -> float:
    return -float(gaps.reduced(gaps.of_elements("!=", _tensor(operands[0]), _tensor(operands[1])), "any"))


def _starts(operands: Sequence[Any], _: Mapping[str, Any], __: Arrays) -> float | None:
    text, prefix = operands[0], operands[1]
    return -float(gaps.distance(text[: len(prefix)], prefix)) if isinstance(prefix, str) else None


def _ends(operands: Sequence[Any], _: Mapping[str, Any], __: Arrays) -> float | None:
    text, suffix = operands[0], operands[1]
    return -float(gaps.distance(text[-len(suffix) :], suffix)) if isinstance(suffix, str) else None


def _whole(operands: Sequence[Any], _: Mapping[str, Any], __: Arrays) -> float | None:
    number = operands[0]
    return -abs(number - round(number)) if isinstance(number, float) else None


_GAPS: dict[str, _Gap] = {
    "any": _reduction("any"), "all": _reduction("all"), "isclose": _close, "allclose": _all_close,
    "array_equal": _same, "startswith": _starts, "endswith": _ends, "is_integer": _whole,
}  # fmt: skip
_TWO = frozenset(("isclose", "startswith", "endswith"))  # the operands may take each other's value


def _tensor(value: Any) -> Any:
    return torch.as_tensor(value) if is_array(value) else value
