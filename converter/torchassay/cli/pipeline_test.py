"""The worker's side of a conversion, run in this process: outcomes of models that are well, diverge or misbehave."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import torch

from torchassay.base.errors import ConverterError
from torchassay.base.events import Events
from torchassay.cli import modes
from torchassay.cli.fixture_models import MODELS, line_of
from torchassay.cli.pipeline import convert
from torchassay.cli.request import Request
from torchassay.explore.counterexample import Exploration

RESULT_SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "convert.schema.json").read_text())
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "bundle.schema.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "fixture_net.py").write_text(MODELS)
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before


def run(folder: Path, model: str, **options: Any) -> dict[str, Any]:
    reference = str(folder / model) if model.endswith(".pt") else f"{folder / 'fixture_net.py'}:{model}"
    if "inputs_from" in options:
        options["inputs_from"] = f"{folder / 'fixture_net.py'}:{options['inputs_from']}"
    settings = {"mode": "trace", "budget": 0.0, "timeout": 30.0, **options}
    request = Request(reference, str(folder / "out.assay"), "2026-01-01T00:00:00Z", **settings)
    result = convert(request, Events(None))
    jsonschema.validate({key: value for key, value in result.items() if key != "folder"}, RESULT_SCHEMA)
    return result


def manifest_of(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "out.assay" / "manifest.json").read_text())
    jsonschema.validate(manifest, SCHEMA)
    return manifest


@pytest.mark.parametrize("mode", ["auto", "script", "hybrid"])
def test_another_mode_takes_both_branches(folder: Path, mode: str) -> None:
    result = run(folder, "Branch", inputs_from="twenty", mode=mode, budget=3.0)
    assert (result["exit_code"], result["faithful"]) == (0, True)
    manifest_of(folder)
    model = torch.jit.load(str(folder / "out.assay" / "model.pt"))
    assert model(-torch.ones(20)).shape == (10, 20)
    assert model(torch.ones(20)).shape == (10,)


def test_the_users_model_is_not_touched(folder: Path) -> None:
    run(folder, "Counts", inputs_from="rows")
    module = next(m for m in list(sys.modules.values()) if getattr(m, "__file__", None) == str(folder / "fixture_net.py"))
    assert module.calls_seen == []


def test_several_examples_are_a_case_each(folder: Path) -> None:
    run(folder, "Plain", inputs_from="several", cases=5)
    names = [case["name"] for case in manifest_of(folder)["cases"]]
    assert names == ["example-1", "example-2", "sampled-1", "sampled-2", "sampled-3"]


def test_the_same_seed_writes_the_same_bundle(folder: Path) -> None:
    run(folder, "Plain", inputs=("x=f32[B:1..4,3]",), seed=5)
    first = manifest_of(folder)
    run(folder, "Plain", inputs=("x=f32[B:1..4,3]",), seed=5)
    second = manifest_of(folder)
    assert [f["sha256"] for f in first["files"] if "cases" in f["path"]] == [
        f["sha256"] for f in second["files"] if "cases" in f["path"]
    ]


def test_keyword_and_nested_values_go_in_and_out(folder: Path) -> None:
    result = run(folder, "Nested", inputs_from="nested", mode="auto", budget=1.0)
    manifest = manifest_of(folder)
    inputs = {entry["path"]: entry["spec"] for entry in manifest["signature"]["inputs"]}
    assert inputs["batch.ids"] == "i64[3]{0..2}"
    assert inputs["pair[1]"] == "f32[2]"
    assert inputs["scale"] == "0.5"
    assert {entry["path"] for entry in manifest["signature"]["outputs"]} == {"output[0].sum", "output[0].ids", "output[1]"}
    assert result["exit_code"] == 0


def test_a_data_class_may_be_an_input(folder: Path) -> None:
    result = run(folder, "TakesBatch", inputs_from="batch")
    assert (result["exit_code"], result["mismatches"]) == (0, [])
    assert [entry["path"] for entry in manifest_of(folder)["signature"]["inputs"]] == ["batch.x", "batch.y"]


def test_a_torchscript_file_gets_references_without_source(folder: Path) -> None:
    torch.jit.script(torch.nn.Linear(3, 2)).save(str(folder / "old.pt"))
    result = run(folder, "old.pt", inputs=("f32[B:1..4,3]",))
    assert (result["exit_code"], result["mode_used"]) == (0, "recorded")
    assert manifest_of(folder)["conversion"]["mode_used"] == "recorded"
    assert (folder / "out.assay" / "model.pt").read_bytes() == (folder / "old.pt").read_bytes()


def test_nan_in_outputs_is_recorded_as_it_is(folder: Path) -> None:
    assert run(folder, "ReturnsNan", inputs=("x=f32[3]{0..1}",))["exit_code"] == 0


def test_a_waiver_with_a_reason_forgives_a_proof(folder: Path) -> None:
    result = run(folder, "Waived", inputs_from="twenty", budget=3.0)
    (finding,) = [f for f in result["findings"] if f["verdict"] == "proved"]
    assert finding["waived"] == "the sum is positive in this product"
    assert (result["exit_code"], result["faithful"]) == (0, False)


def test_a_call_that_scripting_left_out_is_proved_where_it_is_made(folder: Path) -> None:
    result = run(folder, "LeavesOut", inputs_from="twenty", mode="script", budget=3.0)
    (finding,) = result["findings"]
    assert (finding["code"], finding["verdict"], finding["line"]) == ("TA111", "proved", line_of("return self.python_only(x)"))
    assert finding["counterexample"] == "counterexample-1"
    assert result["exit_code"] == 1


def test_a_scripted_model_that_is_silently_wrong_is_caught(folder: Path) -> None:
    result = run(folder, "Embeds", inputs_from="indices", mode="script", budget=3.0)
    assert (result["faithful"], result["exit_code"]) == (False, 1)
    (finding,) = [f for f in result["findings"] if f["verdict"] == "proved"]
    assert finding["message"].startswith("on a legal call the scripted model differs")


def test_what_torchscript_cannot_compile_is_a_finding_at_its_line(folder: Path) -> None:
    with pytest.raises(ConverterError) as caught:
        run(folder, "Lambda", inputs_from="rows", mode="script")
    (finding,) = caught.value.findings  # type: ignore[attr-defined]
    assert (finding.code, finding.verdict, finding.line) == ("TA120", "failed", line_of("lambda t"))
    assert not (folder / "out.assay").exists()


@pytest.mark.parametrize("mode", ["trace", "auto"])
def test_a_search_that_broke_off_is_no_pass(folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    def dies(*_: object) -> Exploration:
        return Exploration(trouble="the search was stopped by a signal (Aborted)\nFatal Python error")

    monkeypatch.setattr(modes, "search", dies)
    result = run(folder, "Plain", inputs_from="rows", mode=mode, budget=1.0)
    (finding,) = [found for found in result["findings"] if found["verdict"] == "possible"]
    assert finding["code"] == "TA113"
    assert finding["message"].startswith("the search was stopped by a signal (Aborted): ")
    assert (result["faithful"], result["exit_code"]) == (False, 0)


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("Hangs", 5, "the model did not finish within 2 s on case `sampled`"),
        ("Leaves", 5, "the model ended the process with exit code 7 on case `sampled`"),
        ("Refuses", 2, "raises on its own example: RuntimeError: never works (fixture_net.py:"),
        ("ReturnsNothing", 3, "returns nothing that could be compared"),
        ("ReturnsObject", 2, "`output.a` is an object, which a bundle cannot hold"),
    ],
)
def test_a_model_that_misbehaves_is_one_message(folder: Path, name: str, code: int, message: str) -> None:
    with pytest.raises(ConverterError) as caught:
        run(folder, name, inputs=("x=f32[3]",), timeout=2.0)
    assert message in caught.value.message
    assert caught.value.exit_code == code
    assert [path.name for path in folder.iterdir() if "assay" in path.name] == []


def test_a_wrong_number_of_inputs_is_a_usage_error(folder: Path) -> None:
    with pytest.raises(ConverterError, match="more input specs than arguments") as caught:
        run(folder, "Branch", inputs=("f32[20]", "f32[3]"))
    assert caught.value.exit_code == 4


def test_without_inputs_the_error_shows_what_forward_takes(folder: Path) -> None:
    with pytest.raises(ConverterError) as caught:
        run(folder, "Plain")
    assert "the model is called as forward(x, mask=None)" in str(caught.value.help)
