"""Shows that a condition decides nothing: whichever way it is made to go, the same operations are recorded.

A condition that no input has turned may still be harmless, because all it guards is a log, a statistic, a counter.
Made to go the other way while the model is traced, it then leaves the graph of what reaches the outputs as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import torch

from torchassay.base.child import Expired, alarm
from torchassay.explore.chance import seed_all
from torchassay.explore.counterexample import Place
from torchassay.explore.instrument import Instrument, functions_of
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


class _Flipper(Probe):
    """Turns the outcome of one condition each time that it is met. Never active: it keeps no records."""

    def __init__(self) -> None:
        super().__init__()
        self.target = -1
        self.met = False

    def compare(self, site: int, op: str, left: Any, right: Any) -> Any:
        result = super().compare(site, op, left, right)
        return self._turned(site, result) if isinstance(result, bool) else result

    def truth(self, site: int, value: Any) -> bool:
        return self._turned(site, super().truth(site, value))

    def _turned(self, site: int, outcome: bool) -> bool:
        if site != self.target:
            return outcome
        self.met = True
        return not outcome


def idle_places(subject: Subject, calls: Sequence[Call], places: Iterable[Place]) -> frozenset[Place]:
    """Those of `places` whose every condition decides nothing on these calls in a row. Run it in a child process."""
    eager = Eager(subject, _SECONDS)
    flipper = _Flipper()
    instrument = Instrument(flipper)
    instrument.install(functions_of(eager.subject.model))
    recorded = _recorded(eager, calls)
    if recorded is None:
        return frozenset()
    conditions = instrument.sites.conditions
    found = []
    for place in list(places)[:_MOST]:
        sites = [site for site, condition in enumerate(conditions) if condition.place == place]
        answers = {_decides_nothing(eager, calls, flipper, site, recorded) for site in sites}
        if True in answers and False not in answers:
            found.append(place)
    return frozenset(found)


def _decides_nothing(
    eager: Eager, calls: Sequence[Call], flipper: _Flipper, site: int, recorded: list[Recorded]
) -> bool | None:
    """None for a condition that is not met: it compares whole tensors, of which another takes the truth."""
    flipper.target, flipper.met = site, False
    turned = _recorded(eager, calls)
    flipper.target = -1
    if not flipper.met:
        return None
    if turned is None:
        return False
    return all(one[0] == other[0] and same(one[1], other[1]) for one, other in zip(recorded, turned, strict=True))


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
