"""Sensing a call: one eager run and one under the tracer, each on a fresh model, merged into what a trace would freeze."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from torchassay.base.child import run_child
from torchassay.inputs.call import Call
from torchassay.loading.subject import Subject
from torchassay.sense.build import leaks_of, site_of
from torchassay.sense.frames import origin_of
from torchassay.sense.leak import Event, Leak, Sensing
from torchassay.sense.run import Observation
from torchassay.sense.state import Part, changed_parts
from torchassay.sense.tracing import TracingFailed

# Kinds that only the eager run can know: the tracer changes or hides them, or they are read with a slower hook.
STATE_KINDS = frozenset(("attribute", "buffer", "global", "rng"))
EAGER_KINDS = STATE_KINDS | {"clock", "environment", "file", "thread", "identity", "tracing", "dlpack"}


def sense_eagerly(subject: Subject, call: Call, *, deep: bool = False) -> Sensing:
    """Observes the call as Python runs it. Run it in a child process: the model may do anything.

    Runs forward a second time, on another fresh model, where the first left anything changed.
    """
    observation = Observation(subject.fresh(), call.clone(), traced=False, careful=False, deep=deep)
    changed = changed_parts(observation.subject.model, observation.run)
    seen = _sensing(observation)
    if not changed:
        return seen
    extra = [leak for leak in _state_leaks(subject, call, changed) if not _known(leak, seen)]
    return replace(seen, leaks=(*seen.leaks, *extra))


def _state_leaks(subject: Subject, call: Call, changed: list[Part]) -> list[Leak]:
    observation = Observation(subject.fresh(), call.clone(), traced=False, careful=False, deep=True)
    observation.watch_state(changed)
    observation.run()
    return [leak for leak in _sensing(observation).leaks if leak.kind in STATE_KINDS]


def sense_traced(subject: Subject, call: Call, *, careful: bool = False, deep: bool = False) -> Sensing:
    """Observes the call under the tracer. Run it in a child process: the tracer may crash, and the model is used up.

    `careful` tries each operator outside of the tracer first, which keeps the tracer alive where forward catches an
    operator's exception.
    """
    observation = Observation(subject.own(), call.clone(), traced=True, careful=careful, deep=deep)
    observation.run()
    return _sensing(observation)


def _sensing(observation: Observation) -> Sensing:
    recorder, lines = observation.recorder, observation.execution.lines
    error = observation.raised
    refused = isinstance(error, TracingFailed)
    return Sensing(
        leaks=_condensed(leaks_of(recorder.sites, lines, observation.execution.files)),
        events=tuple(Event(number, value) for number, value in recorder.events),
        sites=tuple(site_of(site) for site in recorder.sites),
        executed_lines=lines,
        mode="traced" if observation.traced else "eager",
        trouble=str(error) if refused else recorder.trouble,
        raised=type(error).__name__ if error is not None and not refused else None,
        truncated=recorder.truncated,
    )


def sense(subject: Subject, call: Call, *, timeout: float = 60.0, deep: bool | None = None) -> Sensing:
    """Observes the call twice, in two children, and merges: the tracer's view, with what only the eager run can see.

    Where tracing crashes, hangs or raises, the eager view alone is returned and `trouble` says why. `deep` follows the
    decisions of installed packages too; left out, it is so for a model that is itself of a package.
    """
    deep = _is_installed(subject) if deep is None else deep
    eager = _in_child(partial(sense_eagerly, subject, call, deep=deep), timeout)
    caught = any(site.kind == "caught" for site in eager.sites)
    traced = _in_child(partial(sense_traced, subject, call, careful=caught, deep=deep), timeout)
    return merge(eager, traced)


def _condensed(leaks: list[Leak]) -> tuple[Leak, ...]:
    """Keeps one of several leaks that say the same of the same statement: `randint` draws more than once."""
    first: dict[object, Leak] = {}
    for leak in leaks:
        simple = leak.kind in EAGER_KINDS or leak.kind in ("rank", "dtype", "device", "layout", "grad")
        module = leak.frames[-1].module if leak.frames else ""
        key = (leak.kind, leak.statement, leak.value, module) if simple else (*leak.site, leak.subject)
        known = first.get(key)
        first[key] = leak if known is None else replace(known, count=known.count + leak.count, taint=known.taint | leak.taint)
    return tuple(first.values())


def _is_installed(subject: Subject) -> bool:
    return subject.file is None or origin_of(str(subject.file)) != "user"


def _in_child(observe: Callable[[], Sensing], timeout: float) -> Sensing:
    def alone() -> Sensing:
        gc.freeze()  # what was loaded before stays loaded: searching it for garbage takes longer than sensing
        return observe()

    result = run_child(alone, timeout=timeout)
    if result.status == "ok" and result.value is not None:
        return result.value
    return Sensing((), trouble=result.describe())


def merge(eager: Sensing, traced: Sensing) -> Sensing:
    """Returns the tracer's view with the leaks that only the eager run shows; the eager view where tracing failed."""
    if traced.trouble is not None and not traced.leaks:
        return replace(eager, trouble=traced.trouble)
    extra = [leak for leak in eager.leaks if leak.kind in EAGER_KINDS and not _known(leak, traced)]
    return replace(traced, leaks=(*traced.leaks, *extra))


def _known(leak: Leak, sensing: Sensing) -> bool:
    return any(other.kind == leak.kind and other.statement.place == leak.statement.place for other in sensing.leaks)
