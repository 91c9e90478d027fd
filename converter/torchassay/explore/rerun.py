"""The cheapest search, for when there is no time: each example once on both sides."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from torchassay.explore.counterexample import Counterexample, Exploration, Options
from torchassay.explore.pair import Pair
from torchassay.inputs.domain import Domain

if TYPE_CHECKING:
    from torchassay.loading.subject import Subject

_PATIENCE = 60.0  # seconds for one call: nothing hurries


def rerun_examples(subject: Subject, domain: Domain, artifact: Path, options: Options) -> Exploration:
    """Runs the examples. Run it in a child process."""
    started = time.monotonic()
    pair = Pair(subject, artifact, seconds=max(options.call_seconds, _PATIENCE))
    found = []
    for call in domain.examples:
        trial = pair.run((call,), options.seed)
        if trial.disagreement is not None:
            found.append(Counterexample((call,), trial.disagreement, "value", "example", options.seed))
    return Exploration(
        counterexamples=tuple(found[: options.wanted]),
        runs=len(domain.examples),
        seconds=time.monotonic() - started,
        runs_by_stage={"example": len(domain.examples)},
    )
