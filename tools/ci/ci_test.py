"""The scripts of CI, run as CI runs them: the action's steps by its own shell, the hook over what git has staged."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text())
[HOOK] = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text())
EXPRESSION = re.compile(r"\$\{\{ *inputs\.([\w-]+) *\}\}")

# Writes its words, one a line, into the file TOLD, and what the real program would leave behind.
RECORDER = """#!/usr/bin/env bash
printf '%s\\n' "$@" >> "$TOLD"
while [ $# -gt 0 ]; do
  case $1 in --markdown) echo '## summary' > "$2" ;; --json) echo '{}' > "$2" ;; esac
  [ "$1" != convert ] || exit "${CONVERT_EXITS:-0}"
  shift
done
exit "${VALIDATE_EXITS:-0}"
"""

FAITHFUL = """
import torch

class Scale(torch.nn.Module):
    def forward(self, x):
        return x * 2

def build():
    return Scale()

def example_inputs():
    return (torch.ones(3),)
"""
DIVERGES = FAITHFUL.replace("return x * 2", "return x * 2 if x.sum() > 0 else x - 1")


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    printed: str


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository of somebody else, in a folder whose name has a space."""
    folder = tmp_path / "their models"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Puts a program in TorchAssay's place that only tells what it was asked; returns the file that it tells it to."""
    program, told = tmp_path / "recorder", tmp_path / "told"
    program.write_text(RECORDER)
    program.chmod(0o755)
    monkeypatch.setenv("TORCHASSAY", str(program))
    monkeypatch.setenv("TOLD", str(told))
    return told


def shell(script: str, folder: Path, **environment: str) -> Ran:
    """Runs `script` as GitHub runs a step of `shell: bash`."""
    file = folder.parent / "step.sh"
    file.write_text(script)
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", file],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Ran(ran.returncode, ran.stdout + ran.stderr)


def act(project: Path, **inputs: str) -> Ran:
    """Runs every step of action.yml with these inputs, as the runner would: an input that is left out has its default."""
    values = {name: given["default"] for name, given in ACTION["inputs"].items()}
    values |= {name.replace("_", "-"): value for name, value in inputs.items()}
    github = {
        "GITHUB_ACTION_PATH": str(CHECKOUT),
        "GITHUB_STEP_SUMMARY": str(project.parent / "summary"),
        "GITHUB_OUTPUT": str(project.parent / "output"),
    }
    ran = Ran(0, "")
    for step in ACTION["runs"]["steps"]:
        assert step["shell"] == "bash"
        environment = {name: EXPRESSION.sub(lambda m: values[m[1]], text) for name, text in step["env"].items()}
        ran = shell(step["run"], project, **github, **environment)
    return ran


def outputs(project: Path) -> dict[str, str]:
    """What the action left for later steps of its workflow."""
    return dict(line.split("=", 1) for line in (project.parent / "output").read_text().splitlines())


def hook(project: Path, *arguments: str, **environment: str) -> Ran:
    """Runs the hook over what is staged, as pre-commit would."""
    staged = "git diff --cached --name-only -z --diff-filter=ACMR -- '*.py'"
    entry = shlex.join([str(CHECKOUT / HOOK["entry"]), *arguments])
    return shell(f"{staged} | xargs -0 --no-run-if-empty {entry}", project, **environment)


def stage(project: Path, **files: str) -> None:
    for name, text in files.items():
        (project / f"{name}.py").write_text(text)
    subprocess.run(["git", "add", "."], cwd=project, check=True)


def test_every_input_reaches_the_script() -> None:
    [step] = ACTION["runs"]["steps"]
    given = {name for text in step["env"].values() for name in EXPRESSION.findall(text)}
    assert given == set(ACTION["inputs"])
    script = (CHECKOUT / "tools" / "ci" / "action.sh").read_text()
    assert [name for name in step["env"] if name not in script] == []


def test_the_action_hands_on_every_word_as_it_was_given(project: Path, recorder: Path) -> None:
    ran = act(
        project,
        model="my models/net work.py:Net",
        inputs_from="my models/net work.py:example inputs",
        input="x=f32[B:1..8,3]\n\ny=i64[B]{0..9}\n",
        convert_arguments="--weights\ntrained weights.pt",
        bundles="other bundle.assay\n",
        policy="our policy.json",
        results="the results",
    )
    assert ran == Ran(0, "")
    results = project / "the results"
    words = recorder.read_text().splitlines()
    assert words[: words.index("validate")] == [
        *("convert", "my models/net work.py:Net", "--mode", "auto"),
        *("--json", f"{results}/convert.json", "--sarif", f"{results}/convert.sarif"),
        *("--inputs-from", "my models/net work.py:example inputs"),
        *("--input", "x=f32[B:1..8,3]", "--input", "y=i64[B]{0..9}", "--weights", "trained weights.pt"),
        *("-o", f"{results}/Net.assay"),
    ]
    assert words[words.index("validate") + 1 :][:4] == [
        *(f"{results}/Net.assay", "other bundle.assay", "--policy", "our policy.json"),
    ]
    assert (project.parent / "summary").read_text() == "## summary\n"
    assert outputs(project) == {"status": "0", "results": str(results)}


@pytest.mark.parametrize(
    ("convert", "validate", "status"),
    [("0", "1", 1), ("1", "0", 0), ("1", "1", 1), ("2", "0", 2), ("5", "0", 5), ("0", "3", 3)],
)
def test_validate_decides_where_there_is_a_bundle(
    project: Path, recorder: Path, monkeypatch: pytest.MonkeyPatch, convert: str, validate: str, status: int
) -> None:
    monkeypatch.setenv("CONVERT_EXITS", convert)
    monkeypatch.setenv("VALIDATE_EXITS", validate)
    assert act(project, model="net.py:Net").status == status
    assert outputs(project)["status"] == str(status)


def test_the_action_with_nothing_to_do_says_so(project: Path, recorder: Path) -> None:
    assert act(project) == Ran(4, "error: neither a model nor a bundle was given\n")
    assert not recorder.exists()


def test_the_action_gates_a_model_that_diverges(project: Path) -> None:
    stage(project, **{"net work": DIVERGES})
    ran = act(project, model="net work.py:build", inputs_from="net work.py:example_inputs", mode="trace")
    assert ran.status == 1
    assert "error[TA101]" in ran.printed
    results = project / "torchassay-results"
    assert {file.name for file in results.iterdir()} == {
        *("convert.json", "convert.sarif", "result.json", "results.sarif"),
        *("junit.xml", "summary.md", "report.html", "build.assay"),
    }
    assert json.loads((results / "result.json").read_text())["verdict"] == "failed"
    assert "failed" in (project.parent / "summary").read_text()
    assert outputs(project)["status"] == "1"


def test_the_hook_passes_over_what_is_no_model(project: Path, recorder: Path) -> None:
    stage(project, tool="def build():\n    pass\n", method="class A:\n    def build(self): ...\n    example_inputs = 1\n")
    assert hook(project) == Ran(0, "")
    assert not recorder.exists()


def test_the_hook_asks_for_each_model_by_its_name(project: Path, recorder: Path) -> None:
    stage(project, **{"a net": FAITHFUL, "b": "model: object = make()\ninputs = ()\n"})
    assert hook(project, "--budget", "1").status == 0
    assert recorder.read_text().splitlines()[:8] == [
        *("convert", "a net.py:build", "--inputs-from", "a net.py:example_inputs", "--mode", "trace", "--budget", "1"),
    ]
    recorder.unlink()
    assert hook(project, "--model", "model", "--inputs-from", "inputs").status == 0
    assert recorder.read_text().splitlines()[1] == "b.py:model"


@pytest.mark.parametrize("statuses", ["0 1", "1 0", "2 1", "5 0"])
def test_the_hook_ends_with_the_worst_status(
    project: Path, recorder: Path, monkeypatch: pytest.MonkeyPatch, statuses: str
) -> None:
    first, second = statuses.split()
    program = Path(os.environ["TORCHASSAY"])
    program.write_text(f"#!/bin/sh\ncase $2 in first*) exit {first} ;; *) exit {second} ;; esac\n")
    stage(project, first=FAITHFUL, second=FAITHFUL)
    ran = subprocess.run([CHECKOUT / HOOK["entry"], "first.py", "second.py"], cwd=project, check=False)
    assert ran.returncode == max(int(first), int(second))


@pytest.mark.parametrize("words", [["--modle", "x"], ["--model"], ["--model", "a.b", "first.py"]])
def test_the_hook_refuses_what_it_does_not_know(project: Path, recorder: Path, words: list[str]) -> None:
    ran = subprocess.run([CHECKOUT / HOOK["entry"], *words], cwd=project, check=False, capture_output=True, text=True)
    assert ran.returncode == 4
    assert ran.stderr.startswith("error: ")


def test_the_hook_stops_a_commit_whose_trace_diverges(project: Path) -> None:
    script = project / ".git" / "hooks" / "pre-commit"
    script.write_text(
        "#!/bin/sh\ngit diff --cached --name-only -z -- '*.py' |"
        f" xargs -0 --no-run-if-empty {shlex.quote(str(CHECKOUT / HOOK['entry']))} --budget 3\n"
    )
    script.chmod(0o755)
    stage(project, **{"a net": DIVERGES})
    commit = "git -c user.name=n -c user.email=e commit --quiet --message m"
    ran = shell(commit, project)
    assert ran.status == 1
    assert "error[TA101]" in ran.printed
    stage(project, **{"a net": FAITHFUL})
    assert shell(commit, project).status == 0
