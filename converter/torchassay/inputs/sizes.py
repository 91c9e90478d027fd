"""The sizes that a symbol or a list's length may take, and how one of them is drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass

_FAR = 4096  # how large an undeclared size may get


@dataclass(frozen=True, slots=True)
class SizeRange:
    """The sizes that a symbol (or a list's length, `len(path)`) may take; `example` is the example's size.

    `open` says that no range was declared: then `hi` is only how far the search goes.
    """

    lo: int
    hi: int
    step: int = 1
    example: int | None = None
    open: bool = False

    def admits(self, size: int) -> bool:
        if self.open:
            return size >= self.lo
        return self.lo <= size <= self.hi and (size - self.lo) % self.step == 0

    @property
    def last(self) -> int:
        """The largest legal size."""
        return self.hi - (self.hi - self.lo) % self.step

    @property
    def reach(self) -> int:
        """The largest size worth building when something points there: beyond `last` only where no range was declared."""
        return max(self.last, _FAR) if self.open else self.last

    def nearest(self, size: int) -> int:
        """The legal size closest to `size` from below, or the smallest."""
        clamped = min(max(size, self.lo), self.last)
        return clamped - (clamped - self.lo) % self.step

    def interesting(self) -> tuple[int, ...]:
        """The ends, their neighbours, and the neighbours of the example, in rising order."""
        middle = [] if self.example is None else [self.example + d * self.step for d in (-1, 0, 1)]
        wanted = (self.lo, self.lo + self.step, self.last - self.step, self.last, *middle)
        return tuple(sorted({size for size in wanted if self.lo <= size <= self.last and self.admits(size)}))


def draw_size(rng: random.Random, span: SizeRange) -> int:
    """The example's size, an end, or any size; small sizes come up more often in wide ranges."""
    dice = rng.random()
    if dice < 0.2 and span.example is not None:
        return span.nearest(span.example)
    if dice < 0.35:
        return span.lo
    if dice < 0.45:
        return span.last
    steps = (span.last - span.lo) // span.step
    return span.lo + span.step * round(steps * rng.random() ** (1 if steps <= 8 else 2))
