"""What sensing yields: leaks with their call path, the order of events, the lines that ran. All of it can be pickled."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchassay.source.statement import Position, Statement


@dataclass(frozen=True, slots=True)
class Frame:
    """One Python frame on the way to a leak. `module` is the dotted path of the nn.Module at work, "" for the root."""

    file: str
    line: int
    function: str
    module: str
    origin: str = "user"  # "user" (the model's own code), "package" (installed), "library" (torch, numpy, standard library)
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison that made a leaked truth value: the operator and a short text for each operand."""

    op: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Leak:
    """A value that left the tensor world at one place. Several events at one place are one leak with a count.

    `taint` says what the value depends on: `value:x`, `shape:x` or `shape:x[0]`, `rank:x`, `dtype:x`, `device:x`,
    `layout:x`, `grad:x`, `identity:x` of the input `x`; `state:self.n`, `world:clock`, `random`; or, all of which stay as
    they are, `parameter buffer constant python` (`python`: made after a number had leaked).
    """

    kind: str
    code: str
    value: str
    frames: tuple[Frame, ...]
    statement: Statement
    comparison: Comparison | None = None
    occurrence: int = 0
    count: int = 1
    values: tuple[str, ...] = ()
    taint: frozenset[str] = frozenset()
    subject: str = ""  # what was asked or changed: "Tensor.item", "self.cache", "random.random"
    idle: bool = False  # whether the value is only logged, or stored where the model never reads it

    @property
    def live(self) -> bool:
        """True where another legal input, call or moment could give another value, and the output could depend on it."""
        return not self.idle and any(label.partition(":")[0] not in INERT for label in self.taint)

    @property
    def site(self) -> tuple[object, ...]:
        """Identifies the place across runs: what leaked, and the call path with exact positions."""
        return (self.kind, tuple((frame.file, frame.function, frame.position, frame.module) for frame in self.frames))


# What stays as it is from call to call. Everything else names what could change: an input's value or fact, the world.
INERT = frozenset(("parameter", "buffer", "constant", "python"))


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in order: a leak's value, or a decision's outcome. `site` indexes `Sensing.sites`."""

    site: int
    value: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place where events happen: a leak's, or a decision's (`kind` is then `decision`, `loop` or `caught`).

    Its statement is looked up only when it is asked for (`build.statement_of`): most decisions never are.
    """

    kind: str
    frames: tuple[Frame, ...]
    subject: str = ""
    values: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Sensing:
    """What one call showed. `mode` is `traced`, or `eager` where tracing the model failed (`trouble` says how)."""

    leaks: tuple[Leak, ...]
    events: tuple[Event, ...] = ()
    sites: tuple[Site, ...] = ()
    executed_lines: dict[str, frozenset[int]] = field(default_factory=dict)
    mode: str = "traced"
    trouble: str | None = None
    raised: str | None = None  # the type of the exception that forward raised, if it did
    truncated: bool = False

    @property
    def live(self) -> tuple[Leak, ...]:
        """Returns the leaks that another legal call could change."""
        return tuple(leak for leak in self.leaks if leak.live)
