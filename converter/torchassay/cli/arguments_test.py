"""Wrong command lines are answered with what was expected and the nearest right word."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from torchassay.base.errors import UsageError
from torchassay.cli.arguments import build_parser, parse
from torchassay.cli.parent import main
from torchassay.cli.request import Request
from torchassay.cli.spawn import choose_python, has_torch, worker_environment

RESULT_SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "convert.schema.json").read_text())
FLAGS = {
    "--kwargs", "--weights", "--method", "--input", "--inputs-from", "--mode", "--cases", "--seed", "--budget",
    "--timeout", "--memory", "--python", "--record-submodules", "-o", "--json", "--sarif", "--quiet",
}  # fmt: skip


def test_every_promised_option_is_there() -> None:
    known = {flag for action in build_parser()._actions for flag in action.option_strings}
    assert known >= FLAGS


@pytest.mark.parametrize(
    ("words", "message", "advice"),
    [
        (["m.py:x", "--inpt", "3"], "unknown option `--inpt`", "did you mean `--input`"),
        (["m.py:x", "--input-from=x"], "unknown option `--input-from`", "did you mean `--inputs-from`"),
        (["m.py:x", "--zzzzzzzzz"], "unknown option `--zzzzzzzzz`", "see `torchassay convert --help`"),
        (["m.py:x", "--mode", "trce"], "unknown mode `trce`", "did you mean `trace`"),
        (["m.py:x", "--mode", "fast"], "unknown mode `fast`", "a mode is one of auto, trace, script, hybrid"),
        (["m.py:x", "--cases", "many"], "--cases takes a whole number, not `many`", None),
        (["m.py:x", "--cases", "0"], "--cases is at least 1, not `0`", None),
        (["m.py:x", "--memory", "much"], "--memory takes a size such as `512M` or `2GiB`, not `much`", None),
        (["m.py:x", "--budget", "-1"], "--budget is at least 0, not `-1`", None),
        (["m.py:x", "--budget", "nan"], "--budget is at least 0, not `nan`", None),
        (["m.py:x", "--budget", "inf"], "--budget is at least 0, not `inf`", None),
        (["m.py:x", "--kwargs", "[1]"], "--kwargs is no JSON object", """write --kwargs '{"depth": 3}'"""),
        ([], "the following arguments are required: MODEL", "see `torchassay convert --help`"),
        (["a", "b"], "unrecognized arguments: b", "see `torchassay convert --help`"),
        (["a", "--mode"], "argument --mode: expected one argument", "see `torchassay convert --help`"),
    ],
)
def test_a_wrong_command_line_is_explained(words: list[str], message: str, advice: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert (caught.value.message, caught.value.help) == (message, advice)


def test_a_wrong_spec_is_shown_with_a_caret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "out.json"
    assert main(["convert", "net.py:x", "--input", "x=f23[3]", "--json", str(report)]) == 4
    assert capsys.readouterr().err == (
        "error[TA310]: unknown dtype `f23`\n  x=f23[3]\n    ^\n   = help: did you mean `f32`\n"
    )
    outcome = json.loads(report.read_text())
    jsonschema.validate(outcome, RESULT_SCHEMA)
    assert outcome["error"]["position"] == 2


def test_json_is_written_for_a_wrong_command_line_too(tmp_path: Path) -> None:
    report = tmp_path / "out.json"
    assert main(["net.py:x", "--json", str(report), "--wrong"]) == 4
    outcome = json.loads(report.read_text())
    jsonschema.validate(outcome, RESULT_SCHEMA)
    assert outcome["exit_code"] == 4


def test_a_directory_that_is_no_bundle_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "keep").write_text("")
    assert main(["net.py:x", "-o", str(tmp_path)]) == 4
    assert "exists and is no bundle" in capsys.readouterr().err


def test_a_request_survives_the_way_to_the_worker() -> None:
    request = Request("m.py:x", "x.assay", "2026-01-01T00:00:00Z", inputs=("f32[1]",), kwargs={"a": [1]})
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_the_worker_keeps_the_users_path_and_not_ours() -> None:
    ours = str(Path(__file__).resolve().parents[2])
    kept = worker_environment({"PYTHONPATH": f"{ours}:/users/own:", "HOME": "/h"})
    assert (kept["PYTHONPATH"], kept["HOME"], kept["OMP_NUM_THREADS"]) == ("/users/own", "/h", "1")
    assert "PYTHONPATH" not in worker_environment({"PYTHONPATH": ours})


def python_in(folder: Path, *, torch: bool) -> Path:
    binary = folder / "bin" / "python"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\nexit {0 if torch else 1}\n")
    binary.chmod(0o755)
    (folder / "bin" / "python3").symlink_to(binary)
    return binary


def test_the_python_is_chosen_in_the_promised_order(tmp_path: Path) -> None:
    venv, conda, bare = (tmp_path / name for name in ("venv", "conda", "bare"))
    python_in(venv, torch=True)
    python_in(conda, torch=True)
    python_in(bare, torch=False)
    everything = {
        "TORCHASSAY_PYTHON": "/set/by/variable",
        "VIRTUAL_ENV": str(venv),
        "CONDA_PREFIX": str(conda),
        "PATH": f"{bare / 'bin'}",
    }
    assert choose_python("/asked/for", everything)[0] == "/asked/for"
    assert choose_python(None, everything)[0] == "/set/by/variable"
    del everything["TORCHASSAY_PYTHON"]
    assert choose_python(None, everything)[0] == str(venv / "bin" / "python")
    everything["VIRTUAL_ENV"] = str(bare)
    assert choose_python(None, everything)[0] == str(conda / "bin" / "python")
    del everything["CONDA_PREFIX"]
    assert choose_python(None, everything)[1] == "the launcher's environment"
    everything["PATH"] = f"/nonexistent:{venv / 'bin'}"
    assert choose_python(None, everything)[0] == str(venv / "bin" / "python3")
    assert not has_torch("/nonexistent/python")
