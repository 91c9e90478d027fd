"""What each `--mode` does: which artifacts are tried, in which order, and which one is kept."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from torchassay.base.errors import ConverterError, CrashError
from torchassay.base.events import Events
from torchassay.capture.artifact import Artifact, CaptureFailure
from torchassay.capture.candidates import candidates
from torchassay.capture.script import script
from torchassay.capture.trace import trace
from torchassay.cli.capture_findings import about_script, failure_finding, note_finding, unfinished
from torchassay.cli.references import References
from torchassay.cli.request import Request
from torchassay.cli.verify import Mismatch, verify
from torchassay.explore.confirm import confirm
from torchassay.explore.counterexample import Counterexample, Exploration, Options
from torchassay.explore.search import search
from torchassay.findings.finding import Finding
from torchassay.inputs.call import Call
from torchassay.inputs.domain import Domain
from torchassay.judge.judge import judge, repaired
from torchassay.loading.subject import Subject
from torchassay.sense.leak import Sensing
from torchassay.sense.sense import sense

_TRACE_SHARE = 0.6
_WANTED = 4


class CaptureError(ConverterError):
    """TorchScript cannot express the model in the mode that was asked for; `findings` say what stops it."""

    def __init__(self, failure: CaptureFailure) -> None:
        place = f" ({Path(failure.file).name}:{failure.line})" if failure.file else ""
        super().__init__(f"{failure.message}{place}", help=failure.help or None)
        self.findings = [replace(failure_finding(failure), severity="error")]
        if failure.kind in ("crash", "timeout", "memory"):
            self.exit_code = CrashError.exit_code


@dataclass(frozen=True, slots=True)
class Outcome:
    """The artifact that is kept, what is wrong with it, and the calls that show it."""

    artifact: Artifact
    findings: Sequence[Finding] = ()
    mismatches: Sequence[Mismatch] = ()

    @property
    def faithful(self) -> bool:
        bad = any(finding.verdict in ("proved", "possible") for finding in self.findings)
        return not bad and not self.mismatches


@dataclass(slots=True)
class Workshop:
    """Everything that trying artifacts needs. `scratch` holds the candidates, `bundle` the recorded cases."""

    request: Request
    events: Events
    subject: Subject
    domain: Domain
    references: References
    scratch: Path
    bundle: Path
    started: float = field(default_factory=time.monotonic)
    _tried: int = field(default=0)

    def place(self) -> Path:
        """A new folder for one candidate."""
        self._tried += 1
        folder = self.scratch / f"candidate-{self._tried}"
        folder.mkdir()
        return folder

    def share(self) -> float:
        """Seconds to search one repaired candidate: what the trace left over, and at least a tenth of the budget."""
        budget = self.request.budget
        left = budget - (time.monotonic() - self.started)
        return min(budget * (1 - _TRACE_SHARE), max(left, budget / 10))

    def verify(self, artifact: Artifact) -> list[Mismatch]:
        return verify(
            artifact.path,
            self.bundle,
            self.references.cases,
            self.request.method,
            timeout=self.request.timeout,
        )


def choose(shop: Workshop) -> Outcome:
    """The artifact for the mode that was asked for, its references recorded on the way."""
    shop.references.record_examples()
    if shop.subject.scripted:
        return _keep_archive(shop)
    if shop.request.mode == "trace":
        return _examined(shop, _required(_trace(shop)), _sensing(shop), shop.request.budget)
    if shop.request.mode == "script":
        return _examined(shop, _required(_script(shop)), Sensing(()), shop.request.budget)
    return _repaired(shop)


def _keep_archive(shop: Workshop) -> Outcome:
    """A model that is TorchScript already is taken as it is: there is no Python to compare it with."""
    path = shop.place() / "model.pt"
    shutil.copyfile(shop.request.model, path)
    shop.references.record_sampled()
    return Outcome(Artifact(path, "recorded", method=shop.request.method))  # type: ignore[arg-type]


def _sensing(shop: Workshop) -> Sensing:
    shop.events.stage("sense", "watching what leaves the tensor world", limit=None)
    return sense(shop.subject, shop.domain.examples[0], timeout=shop.request.timeout)


def _trace(shop: Workshop) -> Artifact | CaptureFailure:
    shop.events.stage("capture", "tracing the model", limit=None)
    call = shop.domain.examples[0]
    return trace(shop.subject, call, folder=shop.place(), timeout=shop.request.timeout)


def _script(shop: Workshop) -> Artifact | CaptureFailure:
    shop.events.stage("capture", "scripting the model", limit=None)
    return script(shop.subject, folder=shop.place(), timeout=shop.request.timeout)


def _required(result: Artifact | CaptureFailure) -> Artifact:
    if isinstance(result, CaptureFailure):
        raise CaptureError(result)
    return result


def _examined(shop: Workshop, artifact: Artifact, sensed: Sensing, budget: float) -> Outcome:
    """Search, record and judge one artifact that is kept whatever comes out."""
    exploration = _search(shop, artifact, budget)
    shop.events.stage("record", "recording references", limit=None)
    shop.references.record_sampled()
    exploration, mismatches = _with_failed_cases(shop, artifact, exploration)
    shop.references.record_counterexamples(exploration.counterexamples)
    shop.events.stage("judge", "judging what was found", limit=None)
    findings = judge(
        shop.subject,
        shop.domain,
        sensed,
        exploration,
        timeout=shop.request.timeout,
        thorough=shop.request.budget > 0,
    )
    if artifact.mode == "script":
        findings = about_script(findings, exploration.counterexamples, artifact.notes)
    known = {(finding.code, finding.file, finding.line) for finding in findings}
    notes = [note_finding(note) for note in artifact.notes]
    findings += [note for note in notes if (note.code, note.file, note.line) not in known]
    return Outcome(artifact, [*findings, *unfinished(exploration)], mismatches)


def _search(shop: Workshop, artifact: Artifact, budget: float) -> Exploration:
    """What a search of so many seconds finds; none at all needs no budget, for the recorded cases are compared anyway."""
    if budget <= 0:
        return Exploration()
    shop.events.stage("explore", "looking for inputs on which eager and converted disagree", limit=None)
    options = Options(budget=budget, seed=shop.request.seed)
    return search(shop.subject, shop.domain, artifact.path, options)


def _with_failed_cases(
    shop: Workshop, artifact: Artifact, exploration: Exploration
) -> tuple[Exploration, list[Mismatch]]:
    """Recorded calls that disagree are counterexamples too, when the search has found none.

    A difference in values that does not stand a second look is noise within the measured tolerance; any
    other stays a mismatch. The cases count as runs of the search.
    """
    if exploration.counterexamples:
        return exploration, []
    exploration = replace(exploration, runs=exploration.runs + len(shop.references.cases))
    confirmed: list[Counterexample] = []
    doubtful: list[Mismatch] = []
    for mismatch in shop.verify(artifact)[:_WANTED]:
        case = next(c for c in shop.references.cases if c.plan.name == mismatch.case)
        found = Counterexample(
            case.plan.calls, mismatch.disagreement, _cause(mismatch), "recorded case", case.plan.seed
        )
        stood = confirm(shop.subject, artifact.path, found, seconds=Options().call_seconds)
        if stood is not None:
            confirmed.append(stood)
            shop.references.drop([mismatch.case] if case.plan.kind == "sampled" else [])
            if shop.request.budget <= 0:
                break  # who wants no search has a proof, and need not wait for another
        elif mismatch.disagreement.kind != "value":
            doubtful.append(mismatch)
    return replace(exploration, counterexamples=tuple(confirmed)), doubtful


def _cause(mismatch: Mismatch) -> str:
    return "structure" if mismatch.disagreement.kind == "structure" else "value"


def _repaired(shop: Workshop) -> Outcome:
    """Trace first; where the trace diverges, the first candidate that answers every case as the model does."""
    sensed = _sensing(shop)
    traced = _trace(shop)
    first: Outcome | None = None
    if isinstance(traced, Artifact):
        first = _examined(shop, traced, sensed, shop.request.budget * _TRACE_SHARE)
        if first.faithful and shop.request.mode == "auto":
            return first
    else:
        shop.references.record_sampled()
    failures = [traced] if isinstance(traced, CaptureFailure) else []
    rejected: list[Outcome] = []
    for candidate in _candidates(shop, sensed):
        if isinstance(candidate, CaptureFailure):
            failures.append(candidate)
            continue
        outcome = _accepted(shop, candidate, first)
        if outcome.faithful:
            return outcome
        rejected.append(outcome)
    return _fallback(first, rejected, failures)


def _candidates(shop: Workshop, sensed: Sensing) -> Iterator[Artifact | CaptureFailure]:
    """Artifacts that might be faithful where the trace is not, the least intrusive first."""
    whole = shop.request.mode == "auto"
    calls = _calls(shop)
    for candidate in candidates(
        shop.subject, calls, sensed.leaks, shop.place, timeout=shop.request.timeout, whole=whole
    ):
        shop.events.stage("capture", f"trying: {candidate.title}", limit=None)
        yield candidate.build()


def _calls(shop: Workshop) -> list[Call]:
    """The calls that show a rewrite its types: the examples, then the calls that the trace gets wrong."""
    wrong = [
        call
        for case in shop.references.cases
        if case.plan.kind == "counterexample"
        for call in case.plan.calls
    ]
    return [*shop.domain.examples, *wrong[:_WANTED]]


def _accepted(shop: Workshop, artifact: Artifact, first: Outcome | None) -> Outcome:
    """A candidate must answer every case and every counterexample, and stand a search of its own."""
    mismatches = shop.verify(artifact)
    if mismatches:
        return Outcome(artifact, (), mismatches)
    exploration = _search(shop, artifact, shop.share())
    if exploration.counterexamples:
        case = exploration.counterexamples[0]
        return Outcome(artifact, (), [Mismatch(case.found_by, case.disagreement)])
    findings = repaired([found for found in first.findings if found.code != "TA113"]) if first else []
    notes = [note_finding(note) for note in artifact.notes]
    return Outcome(artifact, [*findings, *notes, *unfinished(exploration)])


def _fallback(
    first: Outcome | None, rejected: Sequence[Outcome], failures: Sequence[CaptureFailure]
) -> Outcome:
    """Nothing is faithful: the trace with its findings, and what stopped the candidate that can do most, the last."""
    kept = first or (rejected[0] if rejected else None)
    if kept is None:
        raise CaptureError(failures[-1])
    stops = [failure_finding(failures[-1])] if failures else []
    return replace(kept, findings=[*kept.findings, *stops])
