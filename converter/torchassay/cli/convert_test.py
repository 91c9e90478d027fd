"""`convert` as a user runs it: bundles, findings, exit codes, and one clear message for everything that is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from torchassay.base.safetensors import read_tensors
from torchassay.cli.fixture_models import MODELS, line_of

ROOT = Path(__file__).resolve().parents[3]
RESULT_SCHEMA = json.loads((ROOT / "docs" / "convert.schema.json").read_text())
SCHEMA = json.loads((ROOT / "docs" / "bundle.schema.json").read_text())


@dataclass(frozen=True)
class Run:
    """One finished `convert`."""

    code: int
    out: str
    err: str
    report: dict[str, Any]
    folder: Path

    @property
    def bundle(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.folder / "out.assay" / "manifest.json").read_text())
        return manifest


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "torchassay", "convert", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "converter"), "TORCHASSAY_PYTHON": sys.executable, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts its background jobs with interrupts ignored, and they would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def convert(folder: Path, *arguments: str, **environment: str) -> Run:
    options = [] if "-o" in arguments else ["-o", "out.assay"]
    process = start(folder, *arguments, *options, "--json", "out.json", **environment)
    out, err = process.communicate(timeout=120)
    report = json.loads((folder / "out.json").read_text())
    jsonschema.validate(report, RESULT_SCHEMA)
    return Run(process.returncode, out, err, report, folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(MODELS)
    return tmp_path


def test_a_traced_branch_is_proved_and_the_bundle_is_written_all_the_same(folder: Path) -> None:
    options = ["--mode", "trace", "--budget", "5", "--sarif", "out.sarif"]
    run = convert(folder, "net.py:Branch", "--inputs-from", "net.py:twenty", *options)
    assert run.code == 1
    (finding,) = [f for f in run.report["findings"] if f["verdict"] == "proved"]
    line = line_of("if input.sum() > 0")
    assert (finding["line"], finding["file"], finding["baked"], finding["dropped_lines"]) == (line, "net.py", "True", [line + 3])
    assert run.report["faithful"] is False
    assert finding["counterexample"] in [case["name"] for case in run.bundle["cases"]]
    jsonschema.validate(run.bundle, SCHEMA)
    assert f"{line} |         if input.sum() > 0:" in run.out
    sarif = json.loads((folder / "out.sarif").read_text())
    assert sarif["runs"][0]["results"][0]["ruleId"] == finding["code"]
    counterexample = next(case for case in run.bundle["cases"] if case["kind"] == "counterexample")
    tensors = read_tensors(folder / "out.assay" / counterexample["calls"][0]["file"])
    assert float(tensors["input.input"].sum()) <= 0
    assert tensors["output"].shape == (10, 20)


def test_a_plain_model_is_faithful_and_its_prints_disturb_nothing(folder: Path) -> None:
    options = ["--mode", "trace", "--budget", "0", "--record-submodules", "--cases", "3"]
    run = convert(folder, "net.py:Plain", "--input", "x=f32[B:1..4,3]{-1..1}", *options)
    assert run.code == 0, run.err
    jsonschema.validate(run.bundle, SCHEMA)
    assert len(run.bundle["cases"]) == 3
    assert run.bundle["signature"]["outputs"] == [{"path": "output", "spec": "f32[B,2]"}]
    assert [entry["path"] for entry in run.bundle["cases"][0]["calls"][0]["submodules"]] == ["inner"]
    assert run.out.startswith("faithful: `net.py:Plain` as out.assay\n   mode         trace, eval mode")
    assert "noise" not in run.out + run.err
    assert str(folder) not in json.dumps(run.bundle)


def test_a_python_without_numpy_finds_proves_and_records(folder: Path) -> None:
    (folder / "without").mkdir()
    (folder / "without" / "numpy.py").write_text("raise ModuleNotFoundError('no numpy here')")
    (folder / "net.py").write_text(MODELS + "\nimport sys\nassert 'numpy' not in sys.modules\n")
    places = os.pathsep.join([str(folder / "without"), str(ROOT / "converter")])
    options = ["--inputs-from", "net.py:twenty", "--mode", "trace", "--budget", "2"]
    run = convert(folder, "net.py:Branch", *options, PYTHONPATH=places)
    assert (run.code, run.report["error"]) == (1, None), run.err
    assert [finding["verdict"] for finding in run.report["findings"]] == ["proved"]


BAD_MODELS = [
    ("raise ValueError('bad thing')", 2, "raises on import: ValueError: bad thing (bad.py:1)"),
    ("import os; os._exit(3)", 5, "ended with exit code 3 while importing `bad.py`"),
    ("import os; os.kill(os.getpid(), 11)", 5, "crashed with SIGSEGV while importing `bad.py`"),
    ("while True: pass", 5, "no sign of life for 4 s while importing `bad.py`"),
]


@pytest.mark.parametrize(("source", "code", "message"), BAD_MODELS)
def test_a_model_file_that_misbehaves_is_one_message(tmp_path: Path, source: str, code: int, message: str) -> None:
    (tmp_path / "bad.py").write_text(source)
    run = convert(tmp_path, "bad.py:build", "--input", "f32[3]", "--timeout", "4")
    assert run.code == code
    assert message in run.err
    assert "Traceback" not in run.err
    assert message in run.report["error"]["message"]
    assert (run.report["exit_code"], run.report["bundle"]) == (code, None)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == ["bad.py", "out.json"]


def test_a_model_that_takes_more_memory_than_it_may_is_one_message(tmp_path: Path) -> None:
    lines = ["import torch", "class Hungry(torch.nn.Module):", "    def forward(self, x):"]
    (tmp_path / "net.py").write_text("\n".join([*lines, "        return x.expand(1 << 28, 3).contiguous().sum(0)"]))
    run = convert(tmp_path, "net.py:Hungry", "--input", "f32[3]", "--memory", "1GiB")
    assert (run.code, run.report["exit_code"], run.report["bundle"]) == (5, 5, None)
    assert "passed its memory limit" in run.report["error"]["message"]
    assert "--memory" in run.err
    assert "Traceback" not in run.err
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == ["net.py", "out.json"]


def test_a_file_that_takes_more_memory_than_it_may_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("data = bytearray(1 << 31)")
    run = convert(tmp_path, "bad.py:build", "--input", "f32[3]", "--memory", "1GiB")
    assert (run.code, run.report["bundle"]) == (5, None)
    assert "memory" in run.err
    assert "Traceback" not in run.err


def test_a_python_without_torch_is_named(folder: Path) -> None:
    script = folder / "python"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E "$@"\n')
    script.chmod(0o755)
    run = convert(folder, "net.py:Plain", "--input", "f32[2,3]", "--python", str(script))
    assert (run.code, "has no torch" in run.err) == (2, True), run.err


def test_a_killed_run_leaves_no_bundle_and_no_worker(folder: Path) -> None:
    process = start(folder, "net.py:Hangs", "--input", "f32[3]", "-o", "out.assay", "--timeout", "60")
    assert process.stderr is not None
    while "running the model" not in process.stderr.readline():
        pass
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert not [path for path in folder.iterdir() if "assay" in path.name]
    assert all(not Path(f"/proc/{child}").exists() for child in children)
