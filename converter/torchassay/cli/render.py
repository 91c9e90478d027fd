"""The result of a conversion as text for a person: the verdict first, then the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torchassay.findings.text import finding_text

_GROUPS_SHOWN = 6
_PATHS_SHOWN = 4
_DIFF_LINES_SHOWN = 80
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
    blocks += findings_text(outcome["findings"], folder)
    blocks += _rewrite(outcome["diff"]) if not quiet else []
    return "\n".join(blocks) + ("\n" if blocks else "")


def _summary(outcome: dict[str, Any]) -> str:
    mode = outcome["mode_used"]
    asked = f" (asked: {outcome['mode_asked']})" if outcome["mode_asked"] != mode else ""
    kinds = Counter(case["kind"] for case in outcome["cases"])
    cases = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    lines = [
        f"{_verdict(outcome)}: `{outcome['model']}` as {outcome['bundle']}",
        f"   mode         {mode}{asked}, {'training' if outcome['training'] else 'eval'} mode",
        f"   cases        {cases or 'none'}",
    ]
    if outcome["submodules"]:
        lines += _submodules(outcome["submodules"])
    if outcome["findings"]:
        lines.append(f"   findings     {_finding_counts(outcome['findings'])}")
    return "\n".join(lines)


def _verdict(outcome: dict[str, Any]) -> str:
    if outcome["faithful"]:
        return "faithful"
    proved = any(finding["verdict"] == "proved" for finding in outcome["findings"])
    return "NOT faithful" if proved or outcome["mismatches"] else "perhaps not faithful"


def _submodules(entries: Sequence[dict[str, Any]]) -> list[str]:
    """How many submodules went which way; where they differ, the rarer ones by name with the reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        groups.setdefault((entry["mode"], entry["why"]), []).append(entry["path"] or "the model")
    modes = Counter(entry["mode"] for entry in entries)
    counts = ", ".join(f"{count} by {mode}" for mode, count in modes.most_common())
    if len(groups) == 1:
        return [f"   submodules   {counts}: {entries[0]['why']}"]
    lines = [f"   submodules   {counts}"]
    for (mode, why), paths in sorted(groups.items(), key=lambda group: len(group[1]))[:_GROUPS_SHOWN]:
        named = ", ".join(paths[:_PATHS_SHOWN])
        more = f" and {len(paths) - _PATHS_SHOWN} more" if len(paths) > _PATHS_SHOWN else ""
        lines.append(f"      {mode:<10}{named}{more}: {why}")
    return lines


def _finding_counts(findings: Sequence[dict[str, Any]]) -> str:
    counts = Counter(finding["verdict"] for finding in findings)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in _VERDICTS if counts[verdict])


def _mismatch(mismatch: dict[str, Any]) -> str:
    return f"error[TA401]: case `{mismatch['case']}`: {mismatch['text']}"


def findings_text(findings: Sequence[dict[str, Any]], folder: Path) -> list[str]:
    """Every finding that asks for attention; what was dismissed is in the manifest and in the JSON."""
    shown = [finding for finding in findings if finding["verdict"] != "dismissed"]
    return [finding_text(finding, folder=folder) for finding in shown]


def _rewrite(diff: str | None) -> list[str]:
    """What was changed in the source before it was compiled; the whole of it is in the JSON."""
    if not diff:
        return []
    lines = diff.rstrip().splitlines()
    rest = len(lines) - _DIFF_LINES_SHOWN
    more = [f"   … {rest} more lines, see `diff` in --json"] if rest > 0 else []
    return ["rewritten source (the user's files are not changed):", *lines[:_DIFF_LINES_SHOWN], *more]
