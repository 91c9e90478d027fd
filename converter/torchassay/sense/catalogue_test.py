"""Runs the examples of the catalogue: each bad one leaks under its own code, each good one does not."""

import inspect
from pathlib import Path

import pytest
import torch

from torchassay.findings.catalogue import catalogue, entry
from torchassay.inputs.call import Call
from torchassay.loading.subject import Subject
from torchassay.sense.leak import Sensing
from torchassay.sense.sense import sense

# These are found by scripting, by the structure of what forward returns, or by an input that takes the other path.
_FOUND_ELSEWHERE = {"TA108", "TA111", "TA113", "TA120"}
SENSED = [code for code in catalogue() if code.startswith("TA1") and code not in _FOUND_ELSEWHERE]


def _sensed(text: str, folder: Path) -> Sensing:
    file = folder / "example.py"
    file.write_text(text)
    scope: dict[str, object] = {"__name__": "example"}
    exec(compile(text, str(file), "exec"), scope)
    model = scope["build"]()  # type: ignore[operator]
    subject = Subject(model, "forward", "example", "example.py:build", file, folder, inspect.signature(model.forward))
    return sense(subject, Call(scope["example_inputs"]()))  # type: ignore[operator]


def _codes(sensing: Sensing) -> set[str]:
    caught = {"TA112" for site in sensing.sites if site.kind == "caught"}
    return {leak.code for leak in sensing.live if leak.kind != "rank"} | caught


@pytest.mark.parametrize("code", SENSED)
def test_the_bad_example_leaks_under_its_code(code: str, tmp_path: Path) -> None:
    assert code in _codes(_sensed(entry(code).bad, tmp_path))


@pytest.mark.parametrize("code", [code for code in catalogue() if code.startswith("TA1") and code != "TA120"])
def test_the_good_example_does_not(code: str, tmp_path: Path) -> None:
    assert code not in _codes(_sensed(entry(code).good, tmp_path))


def test_ignored_calls_cannot_run_after_scripting(tmp_path: Path) -> None:
    for code, works in (("TA111", False), ("TA120", False)):
        for text, expected in ((entry(code).bad, works), (entry(code).good, True)):
            file = tmp_path / f"{code}_{expected}.py"
            file.write_text(text)
            assert _scripts_and_runs(file) is expected, (code, text)


def _scripts_and_runs(file: Path) -> bool:
    import importlib.util

    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        scripted = torch.jit.script(module.build())
        scripted(*module.example_inputs())
    except Exception:  # the compiler and the interpreter raise many types
        return False
    return True
