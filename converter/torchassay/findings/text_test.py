from pathlib import Path

from torchassay.findings.finding import Finding, FindingFrame
from torchassay.findings.text import finding_text, ranges

SOURCE = """import torch


def forward(self, x):
    if x.sum() > 0:
        return x + 1
    return x - 1
"""


def _finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "code": "TA101",
        "message": "`x.sum() > 0` is decided once",
        "help": "choose with `torch.where`",
        "verdict": "proved",
        "severity": "error",
        "file": "model.py",
        "line": 5,
        "end_line": 5,
        "column": 5,
        "module": "head",
        "function": "forward",
        "statement": "if x.sum() > 0:",
        "condition": "x.sum() > 0",
        "taken": "True",
        "baked": "True",
        "dropped_lines": (7,),
        "counterexample": "counterexample-1",
        "max_abs_error": 2.0,
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


def test_a_proved_branch_shows_source_caret_side_lines_and_counterexample(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SOURCE)
    assert finding_text(_finding(), folder=tmp_path) == (
        "error[TA101]: `x.sum() > 0` is decided once\n"
        "  --> model.py:5:5 in `forward` of `head`\n"
        "  |\n"
        "5 |     if x.sum() > 0:\n"
        "  |        ^^^^^^^^^^^\n"
        "   condition    `x.sum() > 0`, on the example: True\n"
        "   baked        True\n"
        "   dropped      line 7\n"
        "   shown by     case `counterexample-1`, largest error 2\n"
        "   = help: choose with `torch.where`"
    )


def test_the_severity_follows_the_verdict(tmp_path: Path) -> None:
    for verdict, word in (("possible", "warning"), ("dismissed", "note"), ("repaired", "note")):
        text = finding_text(_finding(verdict=verdict), folder=tmp_path)
        assert text.startswith(f"{word}[TA101]: ")


def test_an_edit_stands_below_the_advice(tmp_path: Path) -> None:
    text = finding_text(_finding(help="compare values\n- if a is b:\n+ if torch.equal(a, b):"), folder=tmp_path)
    assert text.splitlines()[-3:] == ["   = help: compare values", "     | - if a is b:", "     | + if torch.equal(a, b):"]


def test_a_file_that_is_gone_leaves_out_the_source(tmp_path: Path) -> None:
    assert "|" not in finding_text(_finding(file="gone.py"), folder=tmp_path)


def test_the_json_form_reads_the_same(tmp_path: Path) -> None:
    finding = _finding(max_abs_error=float("inf"), notes=("also in training mode",))
    assert finding_text(finding.to_json(), folder=tmp_path) == finding_text(finding, folder=tmp_path)


def test_the_call_path_is_a_note() -> None:
    frames = (FindingFrame("net.py", 9, "forward", ""), FindingFrame("model.py", 5, "forward", "head"))
    assert "   = note: reached through net.py:9 `forward`" in finding_text(_finding(frames=frames))


def test_the_machinery_of_a_call_is_no_part_of_its_path() -> None:
    inside = [FindingFrame(f"site-packages/{file}", 1, "call", "") for file in ("torch/_tensor.py", "torch/overrides.py")]
    frames = (FindingFrame("net.py", 9, "forward", ""), FindingFrame("model.py", 5, "forward", "head"), *inside)
    assert "   = note: reached through net.py:9 `forward`\n" in finding_text(_finding(frames=frames)) + "\n"


def test_neighbouring_lines_are_joined() -> None:
    assert ranges((9, 3, 7, 8)) == "3, 7-9"
    assert ranges(tuple(range(1, 30, 2))) == "1, 3, 5, 7, 9, 11, …"
