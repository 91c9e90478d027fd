"""What may be faithful where a trace is not: candidates from the least intrusive to the most, built only when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torchassay.capture.hybrid import Plan, hybrid, rewrite
from torchassay.capture.script import script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from torchassay.capture.artifact import Artifact, CaptureFailure
    from torchassay.inputs.call import Call
    from torchassay.loading.subject import Subject
    from torchassay.sense.leak import Leak


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to capture the model. `build` runs it in a child; what comes out has still to be compared with the model."""

    title: str
    build: Callable[[], Artifact | CaptureFailure]


def candidates(
    subject: Subject,
    calls: Sequence[Call],
    leaks: Sequence[Leak],
    place: Callable[[], Path],
    *,
    timeout: float = 600.0,
    whole: bool = True,
) -> Iterator[Candidate]:
    """Candidates for `calls` (the examples first, then the counterexamples); `place` makes a folder for each.

    With `whole` False only mixes are offered.
    """

    def mixed(plan: Plan) -> Candidate:
        return Candidate(plan.title, lambda: hybrid(subject, calls, plan, folder=place(), timeout=timeout))

    def rewritten(title: str, trace_leaves: bool) -> Candidate:
        return Candidate(title, lambda: rewrite(subject, calls, trace_leaves=trace_leaves, folder=place(), timeout=timeout))

    for plan in plans(leaks):
        yield mixed(plan)
    if whole:
        yield Candidate("the whole model scripted", lambda: script(subject, folder=place(), timeout=timeout))
        yield rewritten("the whole model rewritten and scripted", trace_leaves=False)
    yield rewritten("the model rewritten and scripted, what resists traced", trace_leaves=True)


def plans(leaks: Sequence[Leak]) -> Iterator[Plan]:
    """Mixes around the leaks: their helper functions, their modules, then the modules around those."""
    live = [leak for leak in leaks if leak.live] or list(leaks)
    functions = _functions(live)
    if functions:
        yield Plan(functions=functions)
    found: set[tuple[str, ...]] = set()
    for depth in range(3):
        paths = _outermost([_ancestor(_path(leak), depth) for leak in live])
        if not paths or "" in paths or paths in found:
            break
        found.add(paths)
        yield Plan(paths=paths)
        yield Plan(paths=paths, rewritten=True)


def _path(leak: Leak) -> str:
    user = [frame for frame in leak.frames if frame.origin != "library"]
    return user[-1].module if user else ""


def _ancestor(path: str, levels: int) -> str:
    steps = path.split(".") if path else []
    return ".".join(steps[: len(steps) - levels]) if levels < len(steps) else ""


def _outermost(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths that lie below no other one, sorted."""
    unique = sorted(set(paths))
    return tuple(path for path in unique if not any(path != other and path.startswith(f"{other}.") for other in unique))


def _functions(leaks: Sequence[Leak]) -> tuple[tuple[str, str], ...]:
    """Module-level functions that hold the leaks; empty unless they hold all of them."""
    import sys

    by_file = {getattr(module, "__file__", None): name for name, module in list(sys.modules.items())}
    found: dict[tuple[str, str], None] = {}
    for leak in leaks:
        user = [frame for frame in leak.frames if frame.origin != "library"]
        if not user:
            return ()
        frame = user[-1]
        room = by_file.get(frame.file)
        target = getattr(sys.modules.get(room or ""), frame.function, None)
        if room is None or not callable(target) or isinstance(target, type):
            return ()
        found[(room, frame.function)] = None
    return tuple(found)
