import pytest

from torchassay.findings.finding import Finding, FindingFrame, finding_from_json


def test_a_finding_survives_json() -> None:
    frame = FindingFrame("m.py", 3, "forward", "head")
    finding = Finding("TA101", "m", verdict="proved", severity="error", dropped_lines=(1, 2), frames=(frame,), max_abs_error=0.5)
    assert finding_from_json(finding.to_json()) == finding


def test_promised_keys_are_written_even_when_empty() -> None:
    record = Finding("TA101", "m").to_json()
    assert record["counterexample"] is None
    assert record["dropped_lines"] == []
    assert "frames" not in record


def test_an_infinite_error_travels_as_a_string() -> None:
    finding = Finding("TA101", "m", max_abs_error=float("inf"))
    assert finding.to_json()["max_abs_error"] == "inf"
    assert finding_from_json(finding.to_json()) == finding


def test_a_key_of_a_later_version_is_ignored() -> None:
    assert finding_from_json({"code": "TA101", "message": "m", "colour": "red"}) == Finding("TA101", "m")


def test_an_unknown_verdict_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="`maybe` is no verdict"):
        Finding("TA101", "m", verdict="maybe")
