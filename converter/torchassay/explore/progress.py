"""What a hunt has found and learnt so far, and the journal that outlives it when a call kills its process."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass, field

from torchassay.explore.agree import Disagreement
from torchassay.explore.counterexample import Place
from torchassay.explore.pair import Trial
from torchassay.explore.space import Attempt
from torchassay.inputs.call import Call


@dataclass(frozen=True, slots=True)
class Raw:
    """A disagreement as it was found, before shrinking; `flips` is the condition that went the other way."""

    attempt: Attempt
    trial: Trial
    disagreement: Disagreement
    key: tuple[object, ...]

    @property
    def weight(self) -> tuple[int, int, float]:
        """Smaller is easier to read."""
        numbers = sum(tensor.numel() for call in self.trial.calls for tensor in call.tensors())
        rank = {"value": 0, "shape": 1, "alternative": 2, "state": 3}.get(self.attempt.cause, 4)
        return (len(self.trial.calls), rank, numbers)


class Journal:
    """Survives the child: the number of the attempt that it was at when it died."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 16)

    def enter(self, number: int) -> None:
        self._memory[:8] = struct.pack("q", number)

    @property
    def last(self) -> int:
        return int(struct.unpack("q", self._memory[:8])[0])


@dataclass(slots=True)
class Progress:
    """What a hunt has learnt so far."""

    raws: dict[tuple[object, ...], Raw] = field(default_factory=dict)
    disagreements: int = 0
    by_stage: dict[str, int] = field(default_factory=dict)
    changes: dict[str, None] = field(default_factory=dict)
    randomness: str = ""  # "", "random" (follows the seed) or "world" (does not)
    suspects: list[tuple[Call, ...]] = field(default_factory=list)
    remembering: tuple[Place, ...] = ()
    exhausted: bool = False
    finished: list[str] = field(default_factory=list)
    sizes_complete: bool = False
    complete_symbols: tuple[str, ...] = ()
    alternatives_complete: bool = False
    layouts: dict[str, None] = field(default_factory=dict)  # inputs whose order in memory the output depends on
