"""The door of this room: one finding per cause, with the verdict that the evidence allows."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import replace

from torchassay.base.child import run_child
from torchassay.explore.counterexample import Counterexample, Exploration, Place
from torchassay.findings.finding import SEVERITY_OF_VERDICT, Finding, FindingFrame
from torchassay.inputs.call import Call
from torchassay.inputs.domain import Domain
from torchassay.judge.bounds import settled_places
from torchassay.judge.cause import cause_of
from torchassay.judge.dismiss import Evidence, only_sampled, reason
from torchassay.judge.finite import decided_places, finite_inputs
from torchassay.judge.flipping import idle_places
from torchassay.judge.sizes import settled_by_sizes
from torchassay.judge.wording import advice, described, told
from torchassay.loading.subject import Subject
from torchassay.sense.difference import Difference
from torchassay.sense.leak import INERT, Frame, Leak, Sensing
from torchassay.sense.sense import sense
from torchassay.source.statement import Statement

_OTHER_CALLS = 4
_UNKNOWN = Statement("", 0, 0, 0, "", "unknown")


def case_name(index: int) -> str:
    """The name of a counterexample's case in the bundle, counted from 0 here and from 1 there."""
    return f"counterexample-{index + 1}"


def judge(
    subject: Subject,
    domain: Domain,
    sensed: Sensing,
    exploration: Exploration,
    *,
    timeout: float = 60.0,
    thorough: bool = True,
) -> list[Finding]:
    """Findings about one artifact, from what a call leaked and what the search found.

    `sensed` is what the captured example showed. Counterexample number i of the exploration is named `case_name(i)`.
    `thorough` looks at further calls before it leaves a leak as possible. Runs children; itself runs no operator.
    """
    proved, explained = _proved(subject, domain.examples[0], sensed, exploration, timeout)
    named = explained | {(finding.file, finding.line) for finding in proved}
    places = [leaks for place, leaks in _by_place(sensed.live).items() if place not in named]
    living = {leak.statement.place for leak in sensed.live}
    evidence = Evidence(domain, exploration, idle=frozenset(leak.statement.place for leak in sensed.leaks) - living)
    if thorough and any(reason(leak, evidence) is None for leaks in places for leak in leaks):
        varied = _varied(subject, domain, sensed, exploration, timeout)
        evidence = replace(evidence, varied=varied, settled=_settled(subject, domain, sensed, timeout))
        evidence = _sized(subject, places, evidence, timeout)
        evidence = _flipped(subject, places, evidence, timeout)
    return [*proved, *(_unproved(leaks, evidence) for leaks in places)]


def repaired(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of a trace, after another artifact was written that answers every counterexample as the model does."""
    severity = SEVERITY_OF_VERDICT["repaired"]
    return [
        replace(finding, verdict="repaired", severity=severity) if finding.verdict in ("proved", "possible") else finding
        for finding in findings
    ]


def _proved(
    subject: Subject, traced: Call, sensed: Sensing, exploration: Exploration, timeout: float
) -> tuple[list[Finding], set[tuple[str | None, int | None]]]:
    """One finding for each statement that a counterexample exposes; the largest error of its counterexamples.

    Also the places where the state is changed on which such a statement decides: they are part of that finding.
    """
    found: dict[tuple[str, int], Finding] = {}
    explained: set[tuple[str | None, int | None]] = set()
    for index, example in enumerate(exploration.counterexamples):
        cause = cause_of(subject, sensed, traced, example, timeout=timeout)
        if isinstance(cause, Difference) and cause.change is not None:
            explained |= {leak.statement.place for leak in sensed.leaks if leak.subject == cause.change.subject}
        finding = _finding_of(cause, sensed, example, case_name(index))
        key = (finding.file or "", finding.line or 0)
        known = found.get(key)
        if known is None:
            found[key] = finding
        elif (finding.max_abs_error or 0.0) > (known.max_abs_error or 0.0):
            found[key] = replace(known, max_abs_error=finding.max_abs_error)
    located = {key: finding for key, finding in found.items() if key[1]}
    return list((located or found).values()), explained


def _finding_of(cause: Difference | Leak | None, sensed: Sensing, example: Counterexample, name: str) -> Finding:
    leak = cause if isinstance(cause, Leak) else _leak_at(sensed, cause)
    statement = cause.statement if cause is not None else _UNKNOWN
    frames = (cause.frames if cause is not None else ()) or (leak.frames if leak is not None else ())
    return Finding(
        code=_code(leak, cause, example),
        message=told(statement, leak, example, cause.change if isinstance(cause, Difference) else None),
        help=advice(statement, leak, example),
        verdict="proved",
        severity=SEVERITY_OF_VERDICT["proved"],
        counterexample=name,
        max_abs_error=example.disagreement.max_abs_error,
        **_place(statement, leak, frames),  # type: ignore[arg-type]
    )


def _leak_at(sensed: Sensing, cause: Difference | None) -> Leak | None:
    """The example's leak at the statement where the runs part."""
    if cause is None:
        return None
    here = [leak for leak in sensed.leaks if leak.statement.place == cause.statement.place]
    return next((leak for leak in here if leak.live), here[0] if here else None)


_BY_STATEMENT = {
    "for": "TA102",
    "while": "TA102",
    "comprehension": "TA102",
    "if": "TA101",
    "ternary": "TA101",
    "match": "TA101",
    "assert": "TA101",
    "boolop": "TA101",
    "try": "TA112",
}
_BY_CAUSE = {"shape": "TA103", "state": "TA106", "random": "TA107", "world": "TA107", "alternative": "TA105"}


def _code(leak: Leak | None, cause: Difference | Leak | None, example: Counterexample) -> str:
    if isinstance(cause, Difference) and cause.change is not None:
        return cause.change.code
    if leak is not None and leak.code:
        return leak.code
    if example.cause in ("state", "random", "world"):
        return _BY_CAUSE[example.cause]
    if isinstance(cause, Difference) and cause.statement.kind in _BY_STATEMENT:
        code = _BY_STATEMENT[cause.statement.kind]
        return "TA103" if code == "TA101" and example.cause in ("shape", "alternative") else code
    if example.disagreement.kind == "structure":
        return "TA108"
    return _BY_CAUSE.get(example.cause, "TA109")


def _place(statement: Statement, leak: Leak | None, frames: tuple[Frame, ...]) -> dict[str, object]:
    inner = next((frame for frame in reversed(frames) if (frame.file, frame.line) == statement.place), None)
    inner = inner or (frames[-1] if frames else None)
    return {
        "file": statement.file or None,
        "line": statement.line or None,
        "end_line": statement.end_line or None,
        "column": statement.column or None,
        "module": inner.module if inner is not None else "",
        "function": statement.function or (inner.function if inner is not None else None) or None,
        "statement": statement.text or None,
        "baked": leak.value if leak is not None else None,
        "dropped_lines": statement.dropped_lines,
        "condition": statement.condition,
        "taken": statement.taken,
        "frames": tuple(FindingFrame(frame.file, frame.line, frame.function, frame.module) for frame in frames),
    }


def _unproved(leaks: Sequence[Leak], evidence: Evidence) -> Finding:
    """One finding for the leaks of one statement: harmless only when each of them is."""
    reasons = [(leak, reason(leak, evidence)) for leak in leaks]
    leak, why = next(((leak, why) for leak, why in reasons if why is None), reasons[0])
    verdict = "possible" if why is None else "dismissed"
    return Finding(
        code=leak.code,
        message=described(leak) if why is None else f"{described(leak)}; harmless here: {why}",
        help=advice(leak.statement, leak, None) if why is None else "",
        verdict=verdict,
        severity=SEVERITY_OF_VERDICT[verdict],
        **_place(leak.statement, leak, leak.frames),  # type: ignore[arg-type]
    )


def _by_place(leaks: Sequence[Leak]) -> dict[tuple[str, int], list[Leak]]:
    """The leaks of each statement: several values that leave in one line are one cause."""
    found: dict[tuple[str, int], list[Leak]] = {}
    for leak in leaks:
        found.setdefault(leak.statement.place, []).append(leak)
    return found


def _varied(
    subject: Subject, domain: Domain, sensed: Sensing, exploration: Exploration, timeout: float
) -> frozenset[tuple[object, ...]]:
    """The sites whose value changed on other calls: ones that turned a condition, and some by chance."""
    before = {leak.site: leak.values for leak in sensed.leaks}
    rng = random.Random(1)
    drawn = [domain.sample(rng, values=mode) for mode in ("random", "normal")]
    found: set[tuple[object, ...]] = set()
    for call in [*drawn, *exploration.witnesses[:_OTHER_CALLS]]:
        there = sense(subject, call, timeout=timeout)
        found |= {leak.site for leak in there.leaks if leak.site in before and before[leak.site] != leak.values}
    return frozenset(found)


def _settled(subject: Subject, domain: Domain, sensed: Sensing, timeout: float) -> dict[Place, str]:
    """Conditions that the declared values cannot turn, and why; found in children."""

    def analyse() -> dict[Place, bool]:
        rng = random.Random(2)
        calls = [domain.examples[0], domain.sample(rng, values="lo")]
        calls += [domain.sample(rng, values="random") for _ in range(_OTHER_CALLS)]
        ends = ({n: s.lo for n, s in domain.symbols.items()}, {n: s.last for n, s in domain.symbols.items()})
        calls += [domain.sample(rng, sizes=sizes) for sizes in ends if sizes]
        return settled_places(subject, domain, calls)

    result = run_child(analyse, timeout=timeout)
    found = dict.fromkeys(result.value or (), "the declared values cannot turn it: interval arithmetic leaves one way")
    few = finite_inputs(domain)
    if any(_sees_only(leak.statement.place, sensed, few) for leak in sensed.leaks):
        decided = run_child(lambda: decided_places(subject, domain), timeout=timeout).value or ()
        told = f"the declared values cannot turn it: every declared value of {', '.join(f'`{path}`' for path in few)} was run"
        found |= {place: told for place in decided if _sees_only((place.file, place.line), sensed, few)}
    return found


def _sees_only(place: tuple[str, int], sensed: Sensing, paths: Collection[str]) -> bool:
    """Whether what leaks at a place depends on these inputs' values, and on nothing else that varies."""
    labels = {label for leak in sensed.leaks if leak.statement.place == place for label in leak.taint}
    allowed = {f"value:{path}" for path in paths}
    return bool(labels & allowed) and all(label in allowed or label in INERT for label in labels)


def _flipped(subject: Subject, places: Sequence[Sequence[Leak]], evidence: Evidence, timeout: float) -> Evidence:
    """The evidence with the conditions that decide nothing whichever way they go, found in a child."""
    wanted = [record.place for record in evidence.exploration.branches if record.open and record.place not in evidence.settled]
    if not wanted or all(reason(leak, evidence) is not None for leaks in places for leak in leaks):
        return evidence
    calls = (evidence.domain.examples[0], evidence.domain.sample(random.Random(4), values="random"))
    result = run_child(lambda: idle_places(subject, calls, dict.fromkeys(wanted)), timeout=timeout)
    found = result.value or frozenset()
    why = "made to go the other way, it records the same operations and outputs"
    return replace(evidence, settled={**dict.fromkeys(found, why), **evidence.settled})


def _sized(subject: Subject, places: Sequence[Sequence[Leak]], evidence: Evidence, timeout: float) -> Evidence:
    """The evidence with what the recorded arithmetic of sizes settles, found in a child.

    It holds for calls that run the recorded operators. Where something is dismissed on the ground of runs alone, a
    call might go another way there, unseen: then nothing is settled. Nor is it where calls leave anything changed.
    """
    leaks = [leak for here in places for leak in here]
    wanted = frozenset(leak.site for leak in leaks if reason(leak, evidence) is None)
    if not wanted or evidence.exploration.state_changes or any(only_sampled(leak, evidence) for leak in leaks):
        return evidence
    result = run_child(lambda: settled_by_sizes(subject, evidence.domain, wanted, seconds=timeout / 3), timeout=timeout)
    found = result.value or frozenset()
    return replace(evidence, sized=found)
