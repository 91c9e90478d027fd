"""Names the statement that a counterexample exposes: where its run first parts from the traced example's run."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from torchassay.explore.counterexample import Counterexample
from torchassay.inputs.call import Call
from torchassay.judge.arguments import use_of_argument
from torchassay.loading.subject import Subject
from torchassay.sense.difference import Difference, differences, first_difference
from torchassay.sense.leak import Leak, Sensing
from torchassay.sense.reading import first_reading
from torchassay.sense.recorder import DECISIONS
from torchassay.sense.sense import sense
from torchassay.sense.trial import try_causes, try_state
from torchassay.source.effects import is_without_effect
from torchassay.source.locate import statement_at

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATE = frozenset(("attribute", "buffer", "global"))
_WORLD = frozenset(("rng", "clock", "environment", "file", "thread", "tracing"))
_DECISIVE = frozenset(("bool", "int", "float", "index", "item", "tolist", "equal", "contains"))
_SEVERED = frozenset(("data", "storage", "dlpack", "deepcopy", "thread", "numpy", "identity"))


@dataclass(frozen=True, slots=True)
class UsedSubject(Subject):
    """A subject whose fresh copies have already answered some calls."""

    before: tuple[Call, ...] = ()

    def fresh(self) -> Subject:
        return self._after(super(UsedSubject, self).fresh())

    def own(self) -> Subject:
        return self._after(super(UsedSubject, self).own())

    def _after(self, subject: Subject) -> Subject:
        for call in self.before:
            subject.call(call.clone())
        return Subject(**(_parts(self) | {"model": subject.model}))


def _parts(subject: Subject) -> dict[str, Any]:
    """What a plain subject is made of, whatever kind this one is."""
    return {part.name: getattr(subject, part.name) for part in fields(Subject)}


def used(subject: Subject, before: Sequence[Call]) -> Subject:
    """The subject as it is after some calls."""
    return UsedSubject(**_parts(subject), before=tuple(before)) if before else subject


def cause_of(
    subject: Subject, sensed: Sensing, example: Call, found: Counterexample, *, timeout: float
) -> Difference | Leak | None:
    """The statement behind a counterexample: a leak that explains its kind, else the first difference of the runs."""
    if found.cause in ("random", "world"):
        leak = _chance_leak(sensed, found.cause)
        if leak is not None:
            return leak
    before, last = used(subject, found.calls[:-1]), found.calls[-1]
    there: Sensing | None = None
    if len(found.calls) > 1:
        leak = _state_leak(subject, sensed, found, timeout)
        if leak is not None:
            there = sense(before, last, timeout=timeout)
            decision = _decision_on_state(sense(subject, last, timeout=timeout), there, leak)
            return decision or _reading_of_state(subject, before, last, leak, timeout) or leak
    there = there or sense(before, last, timeout=timeout)
    trial = None
    if len({each.statement.place for each in differences(sensed, there)}) > 1:
        trial = try_causes(subject, example, last, used=before, timeout=timeout)
    difference = first_difference(sensed, there, trial)
    if difference is not None and (difference.kind != "line" or not _first(sensed, _SEVERED)):
        return difference
    severed = _first(sensed, _SEVERED) or difference
    return severed or use_of_argument(subject, example, last) or _any_live(sensed, there)


def _first(sensed: Sensing, kinds: frozenset[str]) -> Leak | None:
    return next((leak for leak in sensed.leaks if leak.kind in kinds), None)


def _chance_leak(sensed: Sensing, cause: str) -> Leak | None:
    """What drew or asked: random numbers first where the seed decides, else first what no seed governs."""
    kinds = (frozenset(("rng",)), _WORLD) if cause == "random" else (_WORLD - {"rng", "tracing"}, _WORLD)
    drawn = [leak for leak in sensed.live if "random" in leak.taint]
    found = [*(_first(sensed, group) for group in kinds[:1]), *drawn, *(_first(sensed, group) for group in kinds[1:])]
    return next((leak for leak in found if leak is not None), None)


def _state_leak(subject: Subject, sensed: Sensing, found: Counterexample, timeout: float) -> Leak | None:
    """The statement that changes what the last call depends on; else one named in the counterexample, else the first."""
    leaks = [leak for leak in sensed.leaks if leak.kind in _STATE and not leak.idle]
    if len({leak.statement.place for leak in leaks}) > 1:
        guilty = try_state(subject, found.calls, timeout=timeout)
        leaks.sort(key=lambda leak: leak.subject not in guilty)
        if leaks[0].subject in guilty:
            return _last_change(leaks, leaks[0])
    for leak in leaks:
        if any(change and leak.subject.endswith(change.rpartition(".")[2]) for change in found.changes):
            return _last_change(leaks, leak)
    return _last_change(leaks, leaks[0]) if leaks else None


def _decision_on_state(fresh: Sensing, used: Sensing, change: Leak) -> Difference | None:
    """The first statement that reads the state and goes another way on the same call, once earlier calls have changed it.

    The trace keeps one of its ways. Where there is none, a number that was read from the state is frozen; where there is
    neither, the state only flows into the output, and its change is all.
    """
    files = tuple(fresh.executed_lines)
    found = [each for each in differences(fresh, used) if each.kind in _DECISIVE | DECISIONS]
    found = [each for each in found if not is_without_effect(each.statement.file, None, each.statement.line, files)]
    deciding = [each for each in found if each.statement.decides]
    frozen = [each for each in found if each.kind in _DECISIVE]
    return next((replace(each, change=change) for each in (*deciding, *frozen)), None)


def _reading_of_state(fresh: Subject, used: Subject, call: Call, change: Leak, timeout: float) -> Difference | None:
    """The first statement that computes something else from the state, unless the one that changes it comes before."""
    found = first_reading(fresh, used, call, change.statement.place, timeout=timeout)
    if found is None or not found.first:
        return None
    at = found.frames[-1]
    if is_without_effect(at.file, None, at.line, tuple({frame.file for frame in found.frames})):
        return None  # what comes after a test that only logs is not seen
    statement = statement_at(at.file, None, line=at.line, function=at.function)
    return Difference(statement, "reading", "", "", found.frames, change.subject, change)


def _last_change(leaks: Sequence[Leak], first: Leak) -> Leak:
    """Of several statements that change one thing, the last decides what the next call finds."""
    return [leak for leak in leaks if leak.subject == first.subject][-1]


def _any_live(sensed: Sensing, there: Sensing) -> Leak | None:
    """Nothing that was seen differs: the one live leak, when there is only one, else the first."""
    live = sensed.live or there.live
    return live[0] if live else None
