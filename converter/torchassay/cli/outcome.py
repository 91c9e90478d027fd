"""The result of a conversion as data: what `--json` shows and the manifest keeps."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torchassay.cli.modes import Outcome
from torchassay.cli.references import References
from torchassay.cli.request import Request
from torchassay.findings.finding import Finding
from torchassay.findings.waivers import apply_waivers
from torchassay.loading.subject import Subject

_UNUSED_WAIVER = "TA602"
_SEVERITY_ORDER = ("error", "warning", "note")
_VERDICT_ORDER = ("proved", "failed", "possible", "repaired", "dismissed")


def settled_findings(outcome: Outcome, subject: Subject) -> list[Finding]:
    """The findings with waivers applied, without absolute paths, worst first."""
    files = {str(subject.file)} if subject.file else set()
    files |= {f.file for f in outcome.findings if f.file and _is_users(f.file)}
    waived = apply_waivers(list(outcome.findings), files)
    elsewhere = _lines_of_other_models(subject)
    about_us = [f for f in waived if f.code != _UNUSED_WAIVER or (f.file, f.line) not in elsewhere]
    shown = [portable_finding(finding, subject.folder) for finding in about_us]
    return sorted(shown, key=_rank)


def _lines_of_other_models(subject: Subject) -> set[tuple[str | None, int | None]]:
    """The lines of classes in the model's file that this model is not made of: their waivers are not its business."""
    if subject.file is None:
        return set()
    used = {kind.__name__ for module in subject.model.modules() for kind in type(module).__mro__}
    try:
        body = ast.parse(subject.file.read_text(encoding="utf-8")).body
    except (OSError, SyntaxError, ValueError):
        return set()
    others = [node for node in body if isinstance(node, ast.ClassDef) and node.name not in used]
    return {
        (str(subject.file), line)
        for node in others
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def _is_users(file: str) -> bool:
    return "site-packages" not in file and "dist-packages" not in file


def _rank(finding: Finding) -> tuple[int, int, str, int, str]:
    severity = _SEVERITY_ORDER.index(finding.severity)
    verdict = _VERDICT_ORDER.index(finding.verdict)
    return (severity, verdict, finding.file or "", finding.line or 0, finding.code)


def portable_finding(finding: Finding, folder: Path | None) -> Finding:
    frames = tuple(replace(frame, file=portable_file(frame.file, folder)) for frame in finding.frames)
    file = portable_file(finding.file, folder) if finding.file else None
    return replace(finding, file=file, frames=frames)


def portable_file(file: str, folder: Path | None) -> str:
    """Relative to the model's folder, from the package on for installed code, else the bare name."""
    path = Path(file)
    if folder is not None and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    for marker in ("site-packages", "dist-packages"):
        if marker in path.parts:
            return Path(*path.parts[path.parts.index(marker) + 1 :]).as_posix()
    return path.name


def conversion_json(outcome: Outcome, request: Request, subject: Subject) -> dict[str, Any]:
    """The manifest's `conversion`."""
    return {
        "mode_asked": request.mode,
        "mode_used": outcome.artifact.mode,
        "faithful": outcome.faithful,
        "training": subject.training,
        "submodules": submodules_json(outcome),
    }


def submodules_json(outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {"path": item.path, "class": item.class_name, "mode": item.mode, "why": item.why}
        for item in outcome.artifact.submodules
    ]


def result_json(
    outcome: Outcome,
    findings: Sequence[Finding],
    request: Request,
    subject: Subject,
    references: References,
) -> dict[str, Any]:
    """What the worker hands to its parent; `folder` is for showing source lines and is not written anywhere."""
    cases = references.cases
    return {
        "schema_version": 1,
        "model": request.model,
        **conversion_json(outcome, request, subject),
        "bundle": request.output,
        "cases": [{"name": case.plan.name, "kind": case.plan.kind} for case in cases],
        "mismatches": [mismatch.to_json() for mismatch in outcome.mismatches],
        "findings": [finding.to_json() for finding in findings],
        "diff": outcome.artifact.diff,
        "exit_code": exit_code(outcome, findings),
        "error": None,
        "folder": str(subject.folder) if subject.folder else None,
    }


def exit_code(outcome: Outcome, findings: Sequence[Finding]) -> int:
    """1 for a proved divergence that no waiver covers, a mismatch, or a waiver without a reason."""
    proved = any(f.verdict == "proved" and not f.waived for f in findings)
    refused = any(f.verdict == "failed" and f.severity == "error" for f in findings)
    return 1 if proved or refused or outcome.mismatches else 0
