"""The door of this room: searches for counterexamples within a budget and returns only confirmed ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from torchassay.base.child import ChildResult, run_child
from torchassay.explore.confirm import confirm
from torchassay.explore.counterexample import Counterexample, Exploration, Options
from torchassay.explore.hunt import Hunt
from torchassay.explore.progress import Journal
from torchassay.explore.rerun import rerun_examples
from torchassay.inputs.domain import Domain

if TYPE_CHECKING:
    from torchassay.loading.subject import Subject

_GRACE = 75.0  # a first call may import and compile
_RESTARTS = 3


def search(subject: Subject, domain: Domain, artifact: Path, options: Options | None = None) -> Exploration:
    """Looks for legal calls on which the model and the artifact at `artifact` disagree.

    Runs in children: a crash or hang of either side costs one attempt. Every counterexample has been confirmed in
    a process of its own; what did not stand there is dropped. The calling process runs no operator.
    """
    options = options or Options()
    found = _hunt(subject, domain, artifact, options)
    kept: list[Counterexample] = []
    for example in found.counterexamples:
        confirmed = confirm(subject, artifact, example, seconds=options.call_seconds)
        if confirmed is not None:
            kept.append(confirmed)
    return replace(found, counterexamples=tuple(kept))


def _hunt(subject: Subject, domain: Domain, artifact: Path, options: Options) -> Exploration:
    poison: frozenset[int] = frozenset()
    result: ChildResult[Exploration] | None = None
    for _ in range(_RESTARTS):
        journal = Journal()
        limit = options.budget * 1.5 + _GRACE + 4 * options.call_seconds
        result = run_child(_runner(subject, domain, artifact, options, journal, poison), timeout=limit)
        if result.status == "ok" and result.value is not None:
            return result.value
        if result.status not in ("crashed", "timeout", "memory") or journal.last == 0:
            break
        poison |= {journal.last}
    assert result is not None
    detail = result.error.traceback if result.error is not None else result.output[-800:]
    return Exploration(trouble=f"the search {result.describe()}\n{detail}", seconds=result.seconds)


def _runner(
    subject: Subject, domain: Domain, artifact: Path, options: Options, journal: Journal, poison: frozenset[int]
) -> Callable[[], Exploration]:
    if options.budget <= 0:
        return lambda: rerun_examples(subject, domain, artifact, options)
    return lambda: Hunt(subject, domain, artifact, options, journal, poison).run()
