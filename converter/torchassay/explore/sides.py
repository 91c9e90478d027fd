"""Around calls that took a new way without a difference: the first call on a side may be a special one.

A search stops just behind a limit, where what both sides compute may be too close to be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from torchassay.explore import patterns
from torchassay.explore.mutate import Mutator, bounds
from torchassay.explore.space import Attempt, Space
from torchassay.inputs.call import Call

_SIDES = 24
_VARIANTS = 16
_DONORS = 4
_STRETCH = (2.0, 4.0, 16.0, 100.0, -1.0)


class Sides:
    """The calls to look around, the oldest first."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._calls: list[Call] = []

    def add(self, call: Call) -> None:
        self._calls.append(call)

    def attempts(self, mutator: Mutator) -> Iterator[Attempt]:
        """What lies beyond some of the calls, and small changes of them."""
        for _ in range(_SIDES):
            if not self._calls:
                return
            call = self._calls.pop(0)
            for other in self.beyond(call, self._space.example):
                yield Attempt((other,), "value", "beyond")
            changed = (mutator.mutate(call) for _ in range(_VARIANTS))
            yield from (Attempt((other,), "value", "changed") for other in changed if other is not None)

    def beyond(self, call: Call, base: Call) -> Iterator[Call]:
        """Further along the way from `base` to `call`, the same order but further apart, other values in the inputs beside."""
        pairs = list(zip(self._space.tensors(base), self._space.tensors(call), strict=False))
        for factor in _STRETCH:
            changes = {path: _stretched(old, new, factor) for (_, old), (path, new) in pairs if _similar(old, new)}
            other = self._space.replaced(call, changes)
            if other is not None:
                yield other
        yield from self._apart(call)
        same = [path for (_, old), (path, new) in pairs if _similar(old, new) and torch.equal(old, new)]
        for _ in range(_DONORS if same else 0):
            donor = dict(self._space.tensors(self._space.random_call()))
            changes = {path: donor[path] for path in same if path in donor}
            other = self._space.replaced(call, changes)
            if other is not None:
                yield other

    def _apart(self, call: Call) -> Iterator[Call]:
        for path, tensor in self._space.tensors(call):
            for spread in patterns.apart(tensor, bounds(self._space, path, tensor)):
                other = self._space.replaced(call, {path: spread})
                if other is not None:
                    yield other


def _similar(old: torch.Tensor, new: torch.Tensor) -> bool:
    return old.shape == new.shape and old.dtype == new.dtype


def _stretched(old: torch.Tensor, new: torch.Tensor, factor: float) -> torch.Tensor:
    if old.dtype == torch.bool or old.is_complex():
        return new
    moved = old.double() + factor * (new.double() - old.double())
    return moved.to(new.dtype)
