"""How far a condition is from its other side: numbers that are positive where it holds and negative where it does not.

A gap should shrink with every change that helps, for the search has nothing else to go by. So a condition on all
elements adds up what is missing, and texts differ by how far their characters are apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch

TINY = 1e-9
MAX_MEMBERS = 64
_CHARACTERS = 1024.0


def is_truth(value: object) -> bool:
    return isinstance(value, torch.Tensor) and value.dtype == torch.bool


def of_value(value: Any) -> Any:
    """The truth of a number is its distance from zero."""
    if isinstance(value, torch.Tensor):
        return value.abs().to(torch.float64) - TINY
    return float(value)


def reduced(gaps: Any, reduction: str, dims: Sequence[int] = (), *, keepdim: bool = False) -> Any:
    """The gap of `all` or `any` from its elements': the least that would turn it, or the sum of all that must turn.

    Over all dimensions, or over some.
    """
    if not isinstance(gaps, torch.Tensor) or gaps.dim() == 0:
        return gaps
    if dims:
        return _reduced_along(gaps.double(), reduction, tuple(dims), keepdim)
    if gaps.numel() == 0:
        return -1.0 if reduction == "any" else 1.0
    gaps = gaps.double()
    if reduction == "all":
        least = gaps.min()
        return least if not bool(least < 0) else gaps.clamp(max=0).nan_to_num(0.0).sum()
    most = gaps.max()
    return most if not bool(most > 0) else gaps.clamp(min=0).nan_to_num(0.0).sum()


def _reduced_along(gaps: torch.Tensor, reduction: str, dims: tuple[int, ...], keepdim: bool) -> torch.Tensor:
    if reduction == "all":
        least = gaps.amin(dims, keepdim=keepdim)
        return torch.where(least < 0, gaps.clamp(max=0).nan_to_num(0.0).sum(dims, keepdim=keepdim), least)
    most = gaps.amax(dims, keepdim=keepdim)
    return torch.where(most > 0, gaps.clamp(min=0).nan_to_num(0.0).sum(dims, keepdim=keepdim), most)


def of_elements(op: str, left: Any, right: Any) -> Any:
    """The gaps of an elementwise comparison."""
    left, right = real(left), real(right)
    if op in (">", ">="):
        return left - right
    if op in ("<", "<="):
        return right - left
    distance = (left - right).abs()
    return -distance if op == "==" else distance


def real(value: Any) -> Any:
    """Integers as floats, so that differences do not wrap around."""
    if isinstance(value, torch.Tensor) and not value.is_floating_point():
        return value.to(torch.float64)
    return value


def of_values(op: str, left: Any, right: Any, outcome: bool) -> Any:
    """The gap of a comparison of two plain values or single-element tensors."""
    if op in ("in", "not in"):
        gap = -min((abs(distance(left, item)) for item in _members(right)), default=1.0)
        return gap if op == "in" else -gap
    if op in ("==", "!="):
        apart = distance(left, right)
        return -apart if op == "==" else apart
    if op in ("is", "is not"):
        return 1.0 if outcome else -1.0
    gap = _difference(left, right)
    return gap if op in (">", ">=") else -gap


def _members(container: Any) -> Iterable[Any]:
    if isinstance(container, str | bytes) or not isinstance(container, Iterable):
        return ()
    return list(container)[:MAX_MEMBERS]


def _difference(left: Any, right: Any) -> Any:
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        return next((a - b for a, b in zip(left, right, strict=False) if a != b), float(len(left) - len(right)))
    return left - right


def distance(left: Any, right: Any) -> Any:
    """How far two values are apart; 0 when equal."""
    if isinstance(left, str) and isinstance(right, str):
        return _text_distance(left, right)
    if isinstance(left, tuple | list | torch.Size) and isinstance(right, tuple | list | torch.Size):
        parts = sum(abs(distance(a, b)) for a, b in zip(left, right, strict=False))
        return parts + 4.0 * abs(len(left) - len(right))
    if isinstance(left, set | frozenset) and isinstance(right, set | frozenset):
        return _set_distance(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return sum(abs(distance(left.get(key, 0), right.get(key, 0))) for key in {*left, *right})
    if isinstance(left, torch.Tensor) or isinstance(right, torch.Tensor):
        return abs(real(left) - real(right))
    if isinstance(left, int | float) and isinstance(right, int | float):
        return abs(left - right)
    return 0.0 if left == right else 1.0


def _set_distance(left: Iterable[Any], right: Iterable[Any]) -> float:
    """How far each member that is missing is from the nearest one that is too many."""
    surplus, missing = [item for item in left if item not in right], [item for item in right if item not in left]
    nearest = (min((abs(distance(item, other)) for other in surplus), default=0.0) for item in missing)
    return float(sum(nearest)) + 4.0 * abs(len(surplus) - len(missing))


def _text_distance(left: str, right: str) -> float:
    """One for each differing character, and less than one more by how far they are apart: `1` is nearer to `2` than to `9`."""
    differing = [(a, b) for a, b in zip(left, right, strict=False) if a != b]
    nearness = sum(min(abs(ord(a) - ord(b)), _CHARACTERS) for a, b in differing) / _CHARACTERS
    return len(differing) + nearness + 2.0 * abs(len(left) - len(right))


def spread(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The largest difference between two tensors of one shape."""
    if left.numel() == 0:
        return torch.zeros(())
    left, right = real(left), real(right)
    found: torch.Tensor = (left - right).abs().max()
    return found
