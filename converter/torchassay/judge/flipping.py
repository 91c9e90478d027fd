"""Shows that a condition decides nothing: whichever way it is made to go, the same operations are recorded.

A condition that no input has turned may still be harmless, because all it guards is a log, a statistic, a counter.
Made to go the other way while the model is traced, it then leaves the graph of what reaches the outputs as it was, and
every other condition sees what it saw: a counter that another one reads is more than a statistic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from typing import TYPE_CHECKING, Any

import torch

from torchassay.base.child import Expired, alarm
from torchassay.explore.chance import seed_all
from torchassay.explore.counterexample import Place
from torchassay.explore.functions import functions_of
from torchassay.explore.instrument import Instrument
from torchassay.explore.pair import Eager
from torchassay.explore.probe import Probe
from torchassay.sense.tracing import run_traced
from torchassay.sense.trial import same

if TYPE_CHECKING:
    from torchassay.inputs.call import Call
    from torchassay.loading.subject import Subject

_SECONDS = 5.0  # for one call: a loop that is never let go would not end
_MOST = 24  # conditions that are tried
Recorded = tuple[str, object]  # the graph, and what the call returned
Sights = list[tuple[object, ...]]


class _Flipper(Probe):
    """Turns the outcome of one condition each time that it is met, and notes what the others see. Never active."""

    def __init__(self) -> None:
        super().__init__()
        self.aim(-1)

    def aim(self, target: int) -> None:
        self.target = target
        self.met = False
        self.sights: Sights = []

    def compare(self, site: int, op: str, left: Any, right: Any) -> Any:
        result = super().compare(site, op, left, right)
        return self._turned(site, result, left, right) if isinstance(result, bool) else result

    def truth(self, site: int, value: Any) -> bool:
        return self._turned(site, super().truth(site, value), value)

    def _turned(self, site: int, outcome: bool, *seen: object) -> bool:
        if site != self.target:
            self.sights.append((site, *map(_sight, seen)))
            return outcome
        self.met = True
        return not outcome


def _sight(value: object) -> object:
    """What a condition sees of a value that Python holds; what tensors hold is in the graph."""
    if isinstance(value, bool | int | float | str | None):
        return value
    return (type(value).__name__, len(value)) if isinstance(value, Sized) and not isinstance(value, torch.Tensor) else None


def idle_places(subject: Subject, calls: Sequence[Call], places: Iterable[Place]) -> frozenset[Place]:
    """Those of `places` whose every condition decides nothing on these calls in a row. Run it in a child process."""
    return _Trial(subject, calls).idle(list(places)[:_MOST])


class _Trial:
    """One model, what it records on some calls, and what it records with a condition turned."""

    def __init__(self, subject: Subject, calls: Sequence[Call]) -> None:
        self._eager = Eager(subject, _SECONDS)
        self._calls = calls
        self._flipper = _Flipper()
        self._instrument = Instrument(self._flipper)
        self._instrument.install(functions_of(self._eager.subject.model))
        self._recorded = _recorded(self._eager, calls)
        self._sights = self._flipper.sights

    def idle(self, places: Iterable[Place]) -> frozenset[Place]:
        return frozenset(place for place in places if self._recorded is not None and self._is_idle(place))

    def _is_idle(self, place: Place) -> bool:
        sites = [site for site, condition in enumerate(self._instrument.sites.conditions) if condition.place == place]
        # A test sees what a comparison on its line gives: only what is met on top of that is news.
        line = {sight[0] for sight in self._sights} & set(sites)
        answers = {self._decides_nothing(site, line) for site in sites}
        return True in answers and False not in answers

    def _decides_nothing(self, site: int, line: set[object]) -> bool | None:
        """None for a condition that is not met: it compares whole tensors, of which another takes the truth."""
        self._flipper.aim(site)
        turned = _recorded(self._eager, self._calls)
        if not self._flipper.met:
            return None
        if turned is None or _beyond(self._flipper.sights, line) != _beyond(self._sights, line):
            return False
        pairs = zip(self._recorded or (), turned, strict=True)
        return all(one[0] == other[0] and same(one[1], other[1]) for one, other in pairs)


def _beyond(sights: Sights, line: set[object]) -> Sights:
    return [sight for sight in sights if sight[0] not in line]


def _recorded(eager: Eager, calls: Sequence[Call]) -> list[Recorded] | None:
    """What a model records for calls in a row; None where one of them fails."""
    eager.reset()
    try:
        return [_traced(eager.subject, call) for call in calls]
    except (Exception, Expired):
        return None


def _traced(subject: Subject, call: Call) -> Recorded:
    ready = call.clone()
    graphs: list[Any] = []
    seed_all(0)
    with alarm(_SECONDS), torch.set_grad_enabled(call.requires_grad):
        forward = lambda: subject.call(ready)  # noqa: E731
        output = run_traced(subject.model, list(ready.tensors()), forward, lambda _: None, graphs.append)
    graph = graphs[0]  # an IndexError where the tracer has given up: then nothing is known
    torch._C._jit_pass_dce(graph)
    return str(torch._C._jit_pass_canonicalize(graph, False)), output
