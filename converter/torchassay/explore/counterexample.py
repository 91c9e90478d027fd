"""What a search yields: calls on which model and artifact disagree, and how thoroughly it looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torchassay.explore.agree import Disagreement
from torchassay.inputs.call import Call


@dataclass(frozen=True, slots=True)
class Place:
    """A line of source with the function and the module path that were at work there."""

    file: str
    line: int
    function: str = ""
    module: str = ""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Calls on one fresh model, the last of which disagrees.

    `cause` names the kind of dimension that the search varied: "value", "shape", "alternative", "structure",
    "state", "random" or "world". `changes` are Python attributes and buffers that the calls left different.
    """

    calls: tuple[Call, ...]
    disagreement: Disagreement
    cause: str
    found_by: str
    seed: int = 0
    expected: tuple[object, ...] = ()
    changes: tuple[str, ...] = ()
    place: Place | None = None
    statement: str | None = None


@dataclass(frozen=True, slots=True)
class BranchRecord:
    """A condition of the model's source: which outcomes were reached, and whether reaching them changed anything."""

    place: Place
    text: str
    outcomes: frozenset[bool]
    attempts: int = 0
    varies: bool = False  # its operands were seen to change
    guard: str = ""  # "error" where one side does no more than raise one, "finite" where it asks only about NaN and infinities

    @property
    def open(self) -> bool:
        """Whether it may still go the other way: it has not, although what it looks at changes."""
        return self.varies and len(self.outcomes) == 1


@dataclass(frozen=True, slots=True)
class Exploration:
    """The result of one search.

    `sizes_complete` is true when every declared combination of sizes was run; `alternatives_complete` likewise for
    the declared alternatives. `branches` holds the conditions that were seen, by place.
    """

    counterexamples: tuple[Counterexample, ...] = ()
    runs: int = 0
    seconds: float = 0.0
    sizes_complete: bool = False
    alternatives_complete: bool = False
    complete_symbols: tuple[str, ...] = ()  # symbols of which every size was run, the others at the example's size
    nondeterministic: bool = False
    state_changes: tuple[str, ...] = ()
    branches: tuple[BranchRecord, ...] = ()
    runs_by_stage: Mapping[str, int] = field(default_factory=dict)
    trouble: str | None = None
    witnesses: tuple[Call, ...] = ()  # compared calls that between them reached every outcome that was reached
    remembering: tuple[Place, ...] = ()  # conditions that see the state and have gone one way only
    resting: int = 0  # so many runs, single calls and sequences, left one and the same state behind; 0 where they did not
    layouts: tuple[str, ...] = ()  # inputs whose order in memory, which no spec declares, changes the output
    finished: tuple[str, ...] = ()  # the stages of the plan that ran to their end
    exhausted: bool = False  # the whole plan ran; False when the budget ended it


@dataclass(frozen=True, slots=True)
class Options:
    """How long to search and how: `budget` is wall seconds (0: only the examples), the same seed repeats the search."""

    budget: float = 20.0
    seed: int = 0
    call_seconds: float = 5.0
    wanted: int = 8  # counterexamples of different causes
