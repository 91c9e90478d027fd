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

CLEAR = 100.0  # times what is allowed: a difference that no rounding makes
_RESTS = 12  # runs of one call, and of several, after which the state is looked at as a whole
_SINGLE, _LONGER = 4, 6  # so many of each have to leave the same behind


@dataclass(frozen=True, slots=True)
class Raw:
    """A disagreement as it was found, before shrinking; `flips` is the condition that went the other way."""

    attempt: Attempt
    trial: Trial
    disagreement: Disagreement
    key: tuple[object, ...]

    @property
    def weight(self) -> tuple[bool, int, int, float]:
        """Smaller is easier to read; a difference that only just exceeds what is allowed convinces nobody."""
        numbers = sum(tensor.numel() for call in self.trial.calls for tensor in call.tensors())
        rank = {"value": 0, "shape": 1, "alternative": 2, "state": 3}.get(self.attempt.cause, 4)
        return (self.disagreement.excess < CLEAR, len(self.trial.calls), rank, numbers)


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
class Rests:
    """What the state was like after some runs, of single calls and of sequences."""

    states: set[bytes | None] = field(default_factory=set)
    single: int = 0
    longer: int = 0

    def wanted(self, calls: int) -> bool:
        """Whether another run of so many calls would tell anything."""
        return len(self.states) <= 1 and (self.single if calls == 1 else self.longer) < _RESTS

    def note(self, calls: int, state: bytes | None) -> None:
        self.states.add(state)
        self.single += calls == 1
        self.longer += calls > 1

    @property
    def alike(self) -> int:
        """How many runs left one and the same behind; 0 where they did not, or too few were looked at."""
        enough = self.single >= _SINGLE and self.longer >= _LONGER
        return self.single + self.longer if enough and len(self.states) == 1 and None not in self.states else 0


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
    rests: Rests = field(default_factory=Rests)
    exhausted: bool = False
    finished: list[str] = field(default_factory=list)
    sizes_complete: bool = False
    complete_symbols: tuple[str, ...] = ()
    alternatives_complete: bool = False
    layouts: dict[str, None] = field(default_factory=dict)  # inputs whose order in memory the output depends on
