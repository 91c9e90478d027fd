"""Vectors whose length is one by how they were made: bounds that no range of single elements gives."""

from __future__ import annotations

import torch

from torchassay.judge.interval import Interval
from torchassay.judge.transfer import MATRICES, Applied, second_matrix

TURNS = frozenset(("t", "T", "mT", "transpose", "swapaxes", "__get__"))
_LENGTHS = frozenset(("norm", "vector_norm"))
_PRODUCTS = frozenset(("mul", "__mul__", "multiply"))


class Units:
    """Along which dimension tensors have length one (normalize), or are products of such.

    Tensors are known by their identity: the caller keeps them alive.
    """

    def __init__(self) -> None:
        self._lengths: dict[int, int] = {}
        self._products: dict[int, int] = {}

    def bound(self, applied: Applied) -> Interval | None:
        """What an operator makes of such tensors; None where they are not concerned. NaN is left to the caller."""
        source, result = applied.operand(0, "input"), applied.result
        if not isinstance(source, torch.Tensor) or not isinstance(result, torch.Tensor) or not result.is_floating_point():
            return None
        self._note(applied, source, result)
        dim = dim_of(applied, source)
        if applied.name == "sum" and dim is not None and self._products.get(id(source)) == dim:
            return _at_most_one(result, source.shape[dim])
        if applied.name in _LENGTHS and self._is_length(applied, source):
            return Interval(0.0, 1.0 + slack_of(result, source.numel()))
        if applied.name in MATRICES and self._contracts(applied, source):
            return _at_most_one(result, source.shape[-1])
        return None

    def _note(self, applied: Applied, source: torch.Tensor, result: torch.Tensor) -> None:
        name = applied.name
        if name == "normalize" and applied.operand(1, "p") in (None, 2, 2.0):
            given = applied.operand(2, "dim")
            self._lengths[id(result)] = (given if isinstance(given, int) else 1) % max(1, source.dim())
        elif name in TURNS and id(source) in self._lengths and source.dim() == 2:
            if is_turned(source, result):
                self._lengths[id(result)] = 1 - self._lengths[id(source)]
        elif name in _PRODUCTS:
            other = applied.operand(1, "other")
            along = self._lengths.get(id(source))
            same = isinstance(other, torch.Tensor) and other.shape == source.shape and self._lengths.get(id(other)) == along
            if along is not None and same:
                self._products[id(result)] = along

    def _is_length(self, applied: Applied, source: torch.Tensor) -> bool:
        order = applied.operand(1, "p" if applied.name == "norm" else "ord")
        given = applied.operand(2, "dim")
        along = given if isinstance(given, int) else None
        return order in (None, 2, "fro") and along is not None and self._lengths.get(id(source)) == along % source.dim()

    def _contracts(self, applied: Applied, left: torch.Tensor) -> bool:
        """Whether every element of a product is that of two vectors of length one."""
        right = second_matrix(applied)
        inner = inner_dim(applied, left, right)
        return inner is not None and self._lengths.get(id(left)) == left.dim() - 1 and self._lengths.get(id(right)) == inner


def is_turned(source: torch.Tensor, result: torch.Tensor) -> bool:
    """Whether a tensor has the dimensions of another in reverse order, in the same memory."""
    return source.shape[::-1] == result.shape and source.stride()[::-1] == result.stride()


def inner_dim(applied: Applied, left: torch.Tensor, right: object) -> int | None:
    """The dimension of `right` over which a product of matrices sums; None where something else is added as well."""
    if not isinstance(right, torch.Tensor) or left.dim() == 0 or right.dim() == 0:
        return None
    if applied.name == "linear" and applied.operand(2, "bias") is not None:
        return None
    return right.dim() - 1 if applied.name == "linear" or right.dim() == 1 else right.dim() - 2


def dim_of(applied: Applied, source: torch.Tensor) -> int | None:
    """The one dimension that an operator was given, counted from the front; None where there is none, or several."""
    dim = applied.operand(1, "dim")
    return dim % source.dim() if isinstance(dim, int) and not isinstance(dim, bool) and source.dim() else None


def slack_of(result: torch.Tensor, count: int) -> float:
    """More than rounding adds to a sum of so many terms."""
    return float(4 * torch.finfo(result.dtype).eps * (4 + count))


def _at_most_one(result: torch.Tensor, count: int) -> Interval:
    most = 1.0 + slack_of(result, count)
    return Interval(-most, most)
