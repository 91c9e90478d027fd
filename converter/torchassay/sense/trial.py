"""Tells a cause from a bystander: replays the example's value of one statement in another call and looks at the output.

A trace answers every call with the values that leaked in its example. So if forward, run on the other call with only this
statement's values replaced by the example's, gives another output, the statement alone makes the trace wrong there. A value
that is only logged changes nothing.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from functools import partial

import torch

from torchassay.base.child import run_child
from torchassay.inputs.call import Call
from torchassay.loading.subject import Subject
from torchassay.sense.build import site_of, statement_of
from torchassay.sense.difference import Trial
from torchassay.sense.recorder import Recorder, SiteKey
from torchassay.sense.run import Observation
from torchassay.sense.state import Part, StateReader, changed_parts

Place = tuple[str, int]
_SUSPECTS = 8


def try_causes(subject: Subject, example: Call, other: Call, *, used: Subject | None = None, timeout: float = 60.0) -> Trial:
    """Returns which statements change the output of `other` when they answer as in `example`; empty where it fails.

    `used` is the model as `other` finds it, where earlier calls have changed it.
    """
    result = run_child(partial(_try_causes, subject, used or subject, example, other), timeout=timeout)
    return result.value if result.status == "ok" and result.value is not None else Trial()


def _try_causes(subject: Subject, used: Subject, example: Call, other: Call) -> Trial:
    recorded = _run(subject, example, {}).recorder.raw
    natural = _run(used, other, {})
    guilty: set[Place] = set()
    cleared: set[Place] = set()
    for place, keys in _suspects(natural.recorder, recorded):
        replayed = _run(used, other, {key: recorded[key] for key in keys})
        (cleared if _agree(natural, replayed) else guilty).add(place)
    return Trial(frozenset(guilty), frozenset(cleared))


def _suspects(recorder: Recorder, recorded: dict[SiteKey, list[object]]) -> list[tuple[Place, list[SiteKey]]]:
    """Statements whose values differ between the runs, in order, with their sites."""
    found: dict[Place, list[SiteKey]] = {}
    for site in recorder.sites:
        key = (site.kind, site.subject, site.chain)
        if key in recorded and key in recorder.raw and recorded[key] != recorder.raw[key]:
            found.setdefault(statement_of(site_of(site)).place, []).append(key)
    return list(found.items())[:_SUSPECTS]


def _run(subject: Subject, call: Call, frozen: dict[SiteKey, list[object]]) -> Observation:
    seed()
    observation = Observation(subject.fresh(), call.clone(), traced=True, careful=True, deep=False)
    observation.recorder.frozen = frozen
    observation.run()
    return observation


def _agree(natural: Observation, replayed: Observation) -> bool:
    if natural.raised is not None or replayed.raised is not None:
        return type(natural.raised) is type(replayed.raised)
    return same(natural.output, replayed.output)


def same(one: object, other: object) -> bool:
    """True where two outputs are equal bit for bit; NaN equals NaN."""
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        with torch.no_grad():
            return bool(((one == other) | ((one != one) & (other != other))).all())  # noqa: PLR0124
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))  # type: ignore[arg-type, call-overload]
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)  # type: ignore[index, call-overload]
    if hasattr(one, "__dict__") and not callable(one):
        return same(vars(one), vars(other))
    return one == other or one != one  # noqa: PLR0124


def try_state(subject: Subject, calls: Sequence[Call], *, timeout: float = 60.0) -> frozenset[str]:
    """Returns which attributes and buffers, left changed by the calls before, change the output of the last one.

    Each is set back to a fresh model's value by itself, and the last call run again. Names are `Part.label`s; empty where
    it fails.
    """
    result = run_child(partial(_try_state, subject, tuple(calls)), timeout=timeout)
    return result.value if result.status == "ok" and result.value is not None else frozenset()


def _try_state(subject: Subject, calls: tuple[Call, ...]) -> frozenset[str]:
    natural, changed = _after(subject, calls, None)
    suspects = [part for part in changed if part.kind in ("attribute", "buffer", "parameter")][:_SUSPECTS]
    return frozenset(part.label for part in suspects if not same(natural, _after(subject, calls, part)[0]))


def _after(subject: Subject, calls: tuple[Call, ...], reset: Part | None) -> tuple[object, list[Part]]:
    """Runs the calls on one model; before the last, sets one part back. Returns the last output and what had changed."""
    seed()
    used = subject.fresh()

    def run() -> None:
        for call in calls[:-1]:
            used.call(call.clone())

    changed = changed_parts(used.model, run)
    if reset is not None:
        StateReader(used.model).put(reset, StateReader(subject.fresh().model).value(reset))
    try:
        return used.call(calls[-1].clone()), changed
    except Exception as error:  # a model may raise only when it was used before
        return type(error).__name__, changed


def seed() -> None:
    """Brings all global random generators to one state."""
    torch.manual_seed(0)
    random.seed(0)
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed(0)
