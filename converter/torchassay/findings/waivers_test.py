from torchassay.findings.finding import Finding
from torchassay.findings.waivers import apply_waivers, malformed_in, waivers_in


def _finding(line: int, code: str = "TA101", verdict: str = "proved", end_line: int | None = None) -> Finding:
    return Finding(code, "m", verdict=verdict, file="model.py", line=line, end_line=end_line or line)


def _apply(findings: list[Finding], text: str) -> list[Finding]:
    return apply_waivers(findings, ["model.py"], read=lambda _: text)


def test_a_waiver_on_the_line_waives_its_code() -> None:
    (finding,) = _apply([_finding(1)], "if x > 0:  # torchassay: allow[TA101] only a log line\n")
    assert finding.waived == "only a log line"


def test_a_waiver_alone_on_a_line_speaks_of_the_next_code() -> None:
    text = "# torchassay: allow[TA101] checked by the caller\n\n# another comment\nif x > 0:\n"
    (finding,) = _apply([_finding(4)], text)
    assert finding.waived == "checked by the caller"


def test_a_statement_of_several_lines_is_waived_on_any_of_them() -> None:
    text = "if (\n    x > 0  # torchassay: allow[TA101] fine\n):\n"
    (finding,) = _apply([_finding(1, end_line=3)], text)
    assert finding.waived == "fine"


def test_a_waiver_without_a_reason_waives_nothing_and_is_itself_a_finding() -> None:
    finding, complaint = _apply([_finding(1)], "if x > 0:  # torchassay: allow[TA101]\n")
    assert finding.waived is None
    assert (complaint.code, complaint.line, complaint.message) == ("TA601", 1, "the waiver of TA101 gives no reason")


def test_a_waiver_that_matches_nothing_is_reported() -> None:
    other, complaint = _apply([_finding(1, code="TA104")], "y = x.item()  # torchassay: allow[TA101] why not\n")
    assert other.waived is None
    assert complaint.code == "TA602"


def test_a_dismissed_finding_needs_no_waiver() -> None:
    codes = [f.code for f in _apply([_finding(1, verdict="dismissed")], "a  # torchassay: allow[TA101] r\n")]
    assert codes == ["TA101", "TA602"]


def test_several_codes_share_one_reason() -> None:
    (waiver,) = waivers_in("m.py", "a  # torchassay: allow[TA101, ta103] both are fixed\n")
    assert waiver.codes == ("TA101", "TA103")


def test_a_waiver_in_a_string_is_no_waiver() -> None:
    assert waivers_in("m.py", 'a = "# torchassay: allow[TA101] no"\n') == []


def test_a_misspelt_waiver_is_found() -> None:
    text = "a  # torchassay: ignore TA101\n"
    assert malformed_in(text) == [1]
    (complaint,) = _apply([], text)
    assert (complaint.code, complaint.message) == ("TA602", "the comment is no waiver")


def test_a_file_that_is_no_python_has_no_waivers() -> None:
    assert waivers_in("m.py", "def (:\n  '''\n") == []
