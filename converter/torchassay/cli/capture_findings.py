"""What a capture says about the model as findings: what stops TorchScript, what a file lost, what a compiled model does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torchassay.capture.artifact import CaptureFailure, Note
from torchassay.explore.counterexample import Counterexample, Exploration
from torchassay.findings.finding import Finding
from torchassay.judge.judge import case_name


def about_script(
    findings: Sequence[Finding], examples: Sequence[Counterexample], notes: Sequence[Note]
) -> list[Finding]:
    """The same findings in words that fit a compiled model: nothing in it was decided by a trace.

    Where the file raises because it calls a method that was left out, that call is the finding.
    """
    shown = {case_name(index): example.disagreement for index, example in enumerate(examples)}
    left_out = [note for note in notes if note.code == "TA111"]
    changed: list[Finding] = []
    for finding in findings:
        different = shown.get(finding.counterexample or "")
        if different is None:
            changed.append(finding)
        elif different.kind == "raises" and left_out:
            named = _proved_by(note_finding(left_out[0]), finding)
            if not any((known.code, known.line) == (named.code, named.line) for known in changed):
                changed.append(named)
        else:
            message = f"on a legal call the scripted model differs: {different.text}"
            advice = "TorchScript gives this code another meaning: write it with plain tensor operations"
            changed.append(replace(finding, message=message, help=advice, baked=None, dropped_lines=()))
    return changed


def _proved_by(finding: Finding, evidence: Finding) -> Finding:
    return replace(
        finding,
        verdict="proved",
        severity="error",
        counterexample=evidence.counterexample,
        max_abs_error=evidence.max_abs_error,
    )


def failure_finding(failure: CaptureFailure) -> Finding:
    """What stops TorchScript, at the user's line."""
    return Finding(
        code="TA120",
        message=failure.message,
        help=failure.help,
        verdict="failed",
        severity="note",
        file=failure.file,
        line=failure.line,
        end_line=failure.line,
        function=failure.function,
        statement=failure.statement,
    )


def unfinished(exploration: Exploration) -> list[Finding]:
    """A search that broke off speaks neither for the artifact nor against it."""
    if exploration.trouble is None:
        return []
    first = exploration.trouble.partition("\n")[0]
    return [
        Finding(
            code="TA113",
            message=f"{first}: whether the converted model differs on other inputs is not known",
            help="run the model on its smallest and largest declared inputs, and declare only inputs that it can take",
            verdict="possible",
            severity="warning",
        )
    ]


def note_finding(note: Note) -> Finding:
    """What an artifact lost or froze on the way, and says so itself."""
    lost = note.code == "TA111"
    return Finding(
        code=note.code,
        message=note.message,
        help=note.help,
        verdict="failed" if lost else "dismissed",
        severity="warning" if lost else "note",
        file=note.file,
        line=note.line,
        end_line=note.line,
        module=note.module,
        function=note.function,
        statement=note.statement,
        baked=note.frozen,
    )


