import json
from pathlib import Path

import jsonschema

from torchassay.findings.finding import Finding, FindingFrame
from torchassay.findings.sarif import FINGERPRINT, fingerprints, sarif_log

SCHEMA = Path(__file__).parents[3] / "tools" / "third_party" / "sarif" / "sarif-2.1.0.json"


def _finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "code": "TA101",
        "message": "decided once",
        "verdict": "proved",
        "file": "pkg/my model.py",
        "line": 5,
        "end_line": 6,
        "column": 3,
        "function": "forward",
        "statement": "if x.sum() > 0:",
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


def test_every_kind_of_finding_validates_against_the_published_schema() -> None:
    frames = (FindingFrame("/abs/net.py", 9, "forward", ""), FindingFrame("pkg/my model.py", 5, "forward", "head"))
    findings = [
        _finding(frames=frames, dropped_lines=(7,), counterexample="counterexample-1", max_abs_error=float("inf")),
        _finding(verdict="possible", waived="only logged"),
        _finding(verdict="dismissed", code="TA105"),
        _finding(verdict="repaired", file="/abs/net.py"),
        _finding(verdict="failed", code="TA601"),
        _finding(file=None, line=None, end_line=None, column=None),
    ]
    log = sarif_log(findings, version="0.1.0", model="net.py:build")
    jsonschema.validate(json.loads(json.dumps(log)), json.loads(SCHEMA.read_text()))


def test_no_findings_is_a_valid_log_too() -> None:
    jsonschema.validate(sarif_log([], version="0.1.0"), json.loads(SCHEMA.read_text()))


def test_a_fingerprint_survives_a_moved_line() -> None:
    assert fingerprints([_finding()]) == fingerprints([_finding(line=50, end_line=51, file="/else/my model.py")])


def test_equal_statements_have_different_fingerprints() -> None:
    first, second = fingerprints([_finding(), _finding(line=9)])
    assert first != second


def test_levels_follow_the_verdict_and_rules_are_listed_once() -> None:
    log = sarif_log([_finding(), _finding(verdict="dismissed"), _finding(verdict="possible")], version="1")
    run = log["runs"][0]  # type: ignore[index]
    assert [result["level"] for result in run["results"]] == ["error", "none", "warning"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["TA101"]
    assert all(FINGERPRINT in result["partialFingerprints"] for result in run["results"])
