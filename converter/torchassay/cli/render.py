"""The result of a conversion as text for a person: the verdict first, then the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torchassay.findings.text import finding_text

_VERDICTS = ("proved", "possible", "repaired", "failed", "dismissed")


def error_text(outcome: dict[str, Any]) -> str:
    """One error in the house format, with a caret where a spec is wrong."""
    error = outcome["error"]
    lines = [f"error: {error['message']}"]
    if error.get("text") is not None and error.get("position") is not None:
        lines[0] = f"error[TA310]: {error['message']}"
        lines += [f"  {error['text']}", "  " + " " * error["position"] + "^"]
    if error.get("help"):
        lines.append(f"   = help: {error['help']}")
    return "\n".join(lines) + "\n"


def result_text(outcome: dict[str, Any], folder: Path, *, quiet: bool = False) -> str:
    """The summary, the submodules and the findings of a conversion that wrote a bundle."""
    blocks = [_summary(outcome)] if not quiet else []
    blocks += [_mismatch(mismatch) for mismatch in outcome["mismatches"]]
    blocks += _findings(outcome["findings"], folder)
    return "\n".join(blocks) + ("\n" if blocks else "")


def _summary(outcome: dict[str, Any]) -> str:
    verdict = "faithful" if outcome["faithful"] else "NOT faithful"
    mode = outcome["mode_used"]
    asked = f" (asked: {outcome['mode_asked']})" if outcome["mode_asked"] != mode else ""
    kinds = Counter(case["kind"] for case in outcome["cases"])
    cases = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    lines = [
        f"{verdict}: `{outcome['model']}` as {outcome['bundle']}",
        f"   mode         {mode}{asked}, {'training' if outcome['training'] else 'eval'} mode",
        f"   cases        {cases or 'none'}",
    ]
    if outcome["submodules"]:
        lines.append(f"   submodules   {_submodules(outcome['submodules'])}")
    if outcome["findings"]:
        lines.append(f"   findings     {_finding_counts(outcome['findings'])}")
    return "\n".join(lines)


def _submodules(entries: Sequence[dict[str, Any]]) -> str:
    modes = Counter(entry["mode"] for entry in entries)
    return ", ".join(f"{count} by {mode}" for mode, count in modes.most_common())


def _finding_counts(findings: Sequence[dict[str, Any]]) -> str:
    counts = Counter(finding["verdict"] for finding in findings)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in _VERDICTS if counts[verdict])


def _mismatch(mismatch: dict[str, Any]) -> str:
    return f"error[TA401]: case `{mismatch['case']}`: {mismatch['text']}"


def _findings(findings: Sequence[dict[str, Any]], folder: Path) -> list[str]:
    """Every finding that asks for attention; what was dismissed is in the manifest and in the JSON."""
    shown = [finding for finding in findings if finding["verdict"] != "dismissed"]
    return [finding_text(finding, folder=folder) for finding in shown]
