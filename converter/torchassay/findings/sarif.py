"""Findings as SARIF 2.1.0, the format that code hosts and editors show beside the source."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from torchassay.findings.catalogue import Entry, catalogue
from torchassay.findings.finding import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"proved": "error", "failed": "error", "possible": "warning", "repaired": "note", "dismissed": "none"}
_ROOT = "SRCROOT"
FINGERPRINT = "torchassayFinding/v1"

Json = dict[str, object]


def sarif_log(findings: Sequence[Finding], *, version: str, model: str = "") -> Json:
    """Returns one SARIF log with one run. Rules appear in the order of their codes, results in that of `findings`."""
    rules = [catalogue()[code] for code in sorted({finding.code for finding in findings} & set(catalogue()))]
    index = {rule.code: number for number, rule in enumerate(rules)}
    driver: Json = {
        "name": "TorchAssay",
        "version": version,
        "semanticVersion": version,
        "rules": [_rule(rule) for rule in rules],
    }
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(*pair, index) for pair in zip(findings, fingerprints(findings), strict=True)],
    }
    if model:
        run["automationDetails"] = {"id": f"torchassay/{model}"}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(entry: Entry) -> Json:
    return {
        "id": entry.code,
        "name": "".join(word.capitalize() for word in entry.name.split("-")),
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": " ".join(entry.explanation.split())},
        "help": {"text": f"Run `torchassay explain {entry.code}`."},
        "defaultConfiguration": {"level": {"error": "error", "warning": "warning"}.get(entry.severity, "note")},
    }


def _result(finding: Finding, fingerprint: str, index: Mapping[str, int]) -> Json:
    result: Json = {
        "ruleId": finding.code,
        "level": _LEVELS.get(finding.verdict, "warning"),
        "kind": "pass" if finding.verdict == "dismissed" else "fail",
        "message": {"text": finding.message},
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "properties": _properties(finding),
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    if finding.file is not None:
        result["locations"] = [_location(finding.file, finding.line, finding.end_line, finding.column, finding.statement)]
    if finding.frames:
        result["codeFlows"] = [_code_flow(finding)]
    if finding.waived is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.waived}]
    return result


def _properties(finding: Finding) -> Json:
    values: Json = {
        "verdict": finding.verdict,
        "module": finding.module,
        "baked": finding.baked,
        "droppedLines": list(finding.dropped_lines),
        "counterexample": finding.counterexample,
        "maxAbsError": finding.to_json()["max_abs_error"],
        "help": finding.help,
    }
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _location(file: str, line: int | None, end_line: int | None, column: int | None, snippet: str | None) -> Json:
    artifact: Json = {"uri": _uri(file)}
    if not PurePath(file).is_absolute():
        artifact["uriBaseId"] = _ROOT
    physical: Json = {"artifactLocation": artifact}
    if line:
        region: Json = {"startLine": line, "endLine": max(line, end_line or line)}
        if column:
            region["startColumn"] = column
        if snippet:
            region["snippet"] = {"text": snippet}
        physical["region"] = region
    return {"physicalLocation": physical}


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else path.as_posix().replace(" ", "%20")


def _code_flow(finding: Finding) -> Json:
    steps = []
    for frame in finding.frames:
        location = _location(frame.file, frame.line, None, None, None)
        location["message"] = {"text": f"{frame.function}" + (f" of {frame.module}" if frame.module else "")}
        steps.append({"location": location})
    return {"threadFlows": [{"locations": steps}]}


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """Returns an identity for each finding that survives moved lines: code, file name, function, module and statement.

    Equal findings are told apart by their number, in order.
    """
    seen: Counter[str] = Counter()
    made = []
    for finding in findings:
        name = PurePath(finding.file).name if finding.file else ""
        text = "\n".join((finding.code, name, finding.function or "", finding.module, finding.statement or finding.message))
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        seen[digest] += 1
        made.append(f"{digest}:{seen[digest]}")
    return made
