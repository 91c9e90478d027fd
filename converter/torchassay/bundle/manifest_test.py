"""Manifests as the converter writes them, held against the published schema."""

from __future__ import annotations

import copy
import inspect
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import torch
from torch import nn

from torchassay.base.safetensors import read_tensors
from torchassay.bundle.manifest import Contents, Source, portable, sha256, write_manifest
from torchassay.bundle.plan import CasePlan
from torchassay.bundle.record import Recorder
from torchassay.bundle.signature import input_entries, output_entries
from torchassay.bundle.tolerance import measure
from torchassay.findings.finding import Finding
from torchassay.inputs.call import Call
from torchassay.inputs.domain import build_domain
from torchassay.inputs.parameters import Parameters
from torchassay.inputs.spec import parse_input_spec
from torchassay.loading.subject import Subject
from torchassay.testing import subject_of

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "bundle.schema.json").read_text())


class Several(nn.Module):
    """Returns one of everything that a bundle can hold."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(3, 2)
        self.calls = 0

    def forward(self, x: torch.Tensor, scale: float = 1.0, *, flag: bool = True) -> dict[str, Any]:
        self.calls += 1
        if x.shape[0] == 3:
            raise ValueError("three rows are too many\nand more")
        return {
            "y": self.inner(x) * scale,
            "list": [x.sum(), None, float("nan")],
            "pair": (self.calls, flag, "text", 1 + 2j),
        }


def write(folder: Path, subject: Subject, plans: list[CasePlan]) -> dict[str, Any]:
    specs = [parse_input_spec("x=f32[B:1..4,3]"), parse_input_spec("scale=float{0.5..2}")]
    domain = build_domain(subject.parameters, [plans[0].calls[0]], specs)
    recorder = Recorder(subject, folder, timeout=30, record_submodules=True)
    cases = [recorder.record(plan) for plan in plans]
    (folder / "model.pt").write_bytes(b"stand-in")
    contents = Contents(
        created="2026-01-02T03:04:05Z",
        source=Source("/some/where/net.py:build", "forward", {"depth": 2}),
        conversion={
            "mode_asked": "auto",
            "mode_used": "trace",
            "faithful": True,
            "training": False,
            "submodules": [{"path": "", "class": "Several", "mode": "trace", "why": "all"}],
        },
        inputs=input_entries(domain),
        outputs=output_entries([({"B": 2}, cases[0].entry["calls"][0]["expects"]["outputs"])]),  # type: ignore[union-attr]
        tolerances=[t.to_json() for t in measure(subject, plans[:1], timeout=30)],
        cases=[case.entry for case in cases if case is not None],
        findings=[Finding("TA101", "decided once", max_abs_error=float("inf")).to_json()],
    )
    return write_manifest(folder, contents)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("bundle")
    plans = [
        CasePlan("example", "example", (Call((torch.rand(2, 3),), {"flag": False}),)),
        CasePlan("twice", "sampled", (Call((torch.rand(1, 3), 0.5)), Call((torch.rand(1, 3), 2.0)))),
        CasePlan("counterexample-1", "counterexample", (Call((torch.rand(3, 3),)),), seed=7),
    ]
    return folder, write(folder, subject_of(Several()), plans)


def test_a_written_manifest_fits_the_schema(bundle: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = bundle
    jsonschema.validate(json.loads((folder / "manifest.json").read_text()), SCHEMA)


def test_every_file_is_listed_with_its_hash(bundle: tuple[Path, dict[str, Any]]) -> None:
    folder, manifest = bundle
    listed = {entry["path"]: entry["sha256"] for entry in manifest["files"]}
    assert sorted(listed) == [f"cases/00{i}.safetensors" for i in range(4)] + ["model.pt"]
    assert all(sha256(folder / path) == digest for path, digest in listed.items())


def test_calls_of_one_case_share_a_model_and_cases_do_not(bundle: tuple[Path, dict[str, Any]]) -> None:
    _, manifest = bundle
    counts = [
        dict(call["expects"]["outputs"]["dict"])["pair"]["tuple"][0]["int"]
        for case in manifest["cases"][:2]
        for call in case["calls"]
    ]
    assert counts == [1, 1, 2]


def test_an_exception_is_recorded_with_its_first_line(bundle: tuple[Path, dict[str, Any]]) -> None:
    _, manifest = bundle
    expects = manifest["cases"][2]["calls"][0]["expects"]
    assert expects == {"raises": {"type": "ValueError", "message": "three rows are too many"}}


def test_submodule_outputs_are_recorded_in_order(bundle: tuple[Path, dict[str, Any]]) -> None:
    folder, manifest = bundle
    call = manifest["cases"][0]["calls"][0]
    (entry,) = call["submodules"]
    assert (entry["path"], entry["call"]) == ("inner", 0)
    assert entry["output"]["tensor"] in read_tensors(folder / call["file"])


def test_the_signature_names_inputs_and_outputs(bundle: tuple[Path, dict[str, Any]]) -> None:
    _, manifest = bundle
    assert manifest["signature"]["inputs"] == [
        {"path": "x", "spec": "f32[B:1..4,3]"},
        {"path": "scale", "spec": "float{0.5..2}", "optional": True},
        {"path": "flag", "spec": "false"},
    ]
    outputs = {entry["path"]: entry["spec"] for entry in manifest["signature"]["outputs"]}
    assert outputs["output.list[1]"] == "none"
    assert outputs["output.list[2]"] == "nan"
    assert outputs["output.pair[2]"] == '"text"'


def test_a_complex_number_stands_as_a_tensor_of_one() -> None:
    def forward(x: torch.Tensor, z: complex) -> None: ...

    domain = build_domain(Parameters(inspect.signature(forward)), [Call((torch.rand(2, dtype=torch.complex128), 1j))], [])
    assert input_entries(domain) == [{"path": "x", "spec": "c128[2]"}, {"path": "z", "spec": "c64[]"}]


def test_references_lose_their_folder() -> None:
    assert portable("/a/b/net.py:build") == "net.py:build"
    assert portable("package.module:Net") == "package.module:Net"
    assert portable("/a/b/old.pt") == "old.pt"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("schema_version",), 2),
        (("files", 0, "path"), "../outside"),
        (("files", 0, "path"), "/etc/passwd"),
        (("files", 0, "sha256"), "abc"),
        (("cases", 0, "kind"), "odd"),
        (("cases", 0, "calls"), []),
        (("cases", 0, "calls", 0, "args", 0, "dtype"), "f23"),
    ],
)
def test_the_schema_refuses_what_a_reader_must_refuse(
    bundle: tuple[Path, dict[str, Any]], where: tuple[Any, ...], value: object
) -> None:
    manifest = copy.deepcopy(bundle[1])
    target: Any = manifest
    for step in where[:-1]:
        target = target[step]
    target[where[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest, SCHEMA)
