"""What Python numbers are that a model works with: read from a tensor, a constant of the source, a size that was asked.

A number is known by its value alone: Python keeps nothing of where one came from. Two that are equal by chance are told
apart by another call.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

import torch

from torchassay.judge.interval import Interval


class Numbers:
    """The numbers of one call, and the constants of all."""

    def __init__(self, literals: Iterable[float]) -> None:
        self._literals = {float(number) for number in literals}
        self.forget()

    def forget(self) -> None:
        """Begins another call."""
        self._read: dict[float, Interval] = {}
        self._blurred: set[float] = set()  # were read from tensors with different ranges
        self._sources: dict[float, torch.Tensor | None] = {}  # None for a number that was read from several
        self._sizes: set[float] = set()

    def note(self, number: float, bound: Interval, source: object = None) -> None:
        """A number was read from a tensor of that range, or is an argument."""
        known = self._read.get(number)
        if known is not None and known != bound:
            self._blurred.add(number)
        self._read[number] = bound if known is None else known.union(bound)
        tensor = source if isinstance(source, torch.Tensor) else None
        self._sources[number] = tensor if self._sources.get(number, tensor) is tensor else None

    def note_sizes(self, result: object) -> None:
        sizes = result if isinstance(result, tuple) else (result,)
        self._sizes.update(float(size) for size in sizes if isinstance(size, int) and not isinstance(size, bool))

    def was_read(self, value: object) -> TypeGuard[int | float]:
        return isinstance(value, int | float) and float(value) in self._read

    def is_blurred(self, value: object) -> bool:
        return isinstance(value, int | float) and float(value) in self._blurred

    def bound(self, value: float) -> Interval | None:
        """The range of a number; None where it may come from anywhere."""
        number = float(value)
        if number in self._read:
            return self._read[number]
        return Interval(number, number) if number in self._literals or number in self._sizes else None

    def source(self, value: object) -> torch.Tensor | None:
        """The one tensor that a number was read from."""
        return self._sources.get(float(value)) if isinstance(value, int | float) else None
