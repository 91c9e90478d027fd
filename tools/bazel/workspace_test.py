"""The example workspace, built from outside: what a change re-runs, and where the reports land.

The workspace is a copy that stays in .torchassay, so that only what a test changes is converted again.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.bazel.workspace import CHECKOUT, PROGRAMS, Workspace, copy_checkout

SCORER = "//models:scorer_test"
ROUTER = "//models:router_test"  # diverges on purpose, and is manual for that
WEIGHTED = "//models:weighted_test"
POLICY = {"schema_version": 1, "waivers": []}
BUILD = """
load("@torchassay//tools/bazel:torchassay.bzl", "mounted_model_validation_test")

torchscript_bundle(
    name = "weighted",
    srcs = ["weighted.py"],
    budget = 0,
    inputs_from = "weighted.py:example_inputs",
    mode = "trace",
    model = "weighted.py:Weighted",
    weights = "weighted.safetensors",
)

model_validation_test(name = "weighted_test", size = "small", bundle = ":weighted", policy = "weighted.policy.json")

filegroup(name = "checked_in", srcs = glob(["checked_in.assay/**"]))

model_validation_test(name = "checked_in_test", size = "small", bundle = ":checked_in", tags = ["manual"])

mounted_model_validation_test(
    name = "mounted_test",
    size = "small",
    manifest_sha256 = "DIGEST",
    path = "MOUNTED",
    tags = ["manual"],
)
"""
WEIGHTED_MODEL = """
import torch

class Weighted(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.linear(x)

def example_inputs():
    return (torch.ones(1, 4),)
"""


def write_weights(folder: Path) -> None:
    """Weights that no earlier run has seen."""
    import torch
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(uuid.uuid4().int % 2**63)
    weights = {"linear.weight": torch.rand(2, 4, generator=generator), "linear.bias": torch.rand(2, generator=generator)}
    save_file(weights, folder / "weighted.safetensors")


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The example with a third model, which has weights and a policy; all of it up to date."""
    made = copy_checkout(CHECKOUT / ".torchassay" / "workspace")
    models = made.folder / "models"
    (models / "weighted.py").write_text(WEIGHTED_MODEL)
    (models / "weighted.policy.json").write_text(json.dumps(POLICY))
    write_weights(models)
    build = models / "BUILD"
    build.write_text(build.read_text() + BUILD)
    ran = made.test("//models:all")
    assert ran.status == 0, ran.printed
    assert ran.executed | ran.cached == {SCORER, WEIGHTED}
    yield made
    made.close()


@pytest.fixture
def models(workspace: Workspace) -> Path:
    return workspace.folder / "models"


def outputs_of(workspace: Workspace, test: str) -> Path:
    return workspace.folder / "bazel-testlogs" / "models" / test


def test_nothing_runs_again_where_nothing_changed(workspace: Workspace) -> None:
    ran = workspace.test("//models:all")
    assert (ran.status, ran.converted, ran.executed, ran.cached) == (0, set(), set(), {SCORER, WEIGHTED})


def test_changed_weights_run_their_model_again(workspace: Workspace, models: Path) -> None:
    write_weights(models)
    ran = workspace.test("//models:all")
    assert (ran.status, ran.converted, ran.executed, ran.cached) == (0, {"//models:weighted"}, {WEIGHTED}, {SCORER})


def test_a_changed_source_runs_its_model_again(workspace: Workspace, models: Path) -> None:
    source = models / "weighted.py"
    source.write_text(WEIGHTED_MODEL + f"\n# {uuid.uuid4()}\n")
    ran = workspace.test("//models:all")
    assert (ran.status, ran.converted, ran.executed, ran.cached) == (0, {"//models:weighted"}, {WEIGHTED}, {SCORER})


def test_a_changed_policy_runs_its_test_again_and_converts_nothing(workspace: Workspace, models: Path) -> None:
    (models / "weighted.policy.json").write_text(json.dumps(POLICY) + " " * (uuid.uuid4().int % 999 + 1))
    ran = workspace.test("//models:all")
    assert (ran.status, ran.converted, ran.executed, ran.cached) == (0, set(), {WEIGHTED}, {SCORER})


def test_a_changed_validator_runs_every_test_again_and_converts_nothing(workspace: Workspace) -> None:
    program = workspace.folder / "prebuilt" / f"{PROGRAMS[0]}.program"
    with program.open("ab") as file:  # what follows an ELF file's sections changes its digest only
        file.write(uuid.uuid4().bytes)
    ran = workspace.test("//models:all")
    assert (ran.status, ran.converted, ran.executed, ran.cached) == (0, set(), {SCORER, WEIGHTED}, set())


def test_a_changed_converter_converts_every_model_again(workspace: Workspace) -> None:
    source = workspace.folder.parents[1] / "converter" / "torchassay" / "__main__.py"
    source.write_text(source.read_text() + f"# {uuid.uuid4()}\n")
    ran = workspace.test("//models:all")
    assert (ran.status, ran.converted) == (0, {"//models:scorer", "//models:router", "//models:weighted"})
    assert ran.executed | ran.cached == {SCORER, WEIGHTED}  # a bundle that stays the same byte for byte is not tested again


def test_the_reports_land_in_the_outputs_of_the_test(workspace: Workspace) -> None:
    assert workspace.test(SCORER).status == 0
    suites = ET.parse(outputs_of(workspace, "scorer_test") / "test.xml").getroot()
    assert suites.tag == "testsuites"
    assert "torchassay" in ET.tostring(suites, encoding="unicode")
    with zipfile.ZipFile(outputs_of(workspace, "scorer_test") / "test.outputs" / "outputs.zip") as outputs:
        result = json.loads(outputs.read("result.json"))
    assert (result["verdict"], [model["name"] for model in result["models"]]) == ("passed", ["scorer.assay"])


def test_a_divergence_fails_the_test_and_not_the_build(workspace: Workspace) -> None:
    ran = workspace.test(ROUTER)
    assert (ran.status, ran.executed) == (3, {ROUTER})
    assert "error[TA101]" in ran.printed


def test_a_bundle_may_be_checked_in_or_mounted(workspace: Workspace, models: Path) -> None:
    import hashlib
    import shutil

    bundle = workspace.folder.parent / "mounted.assay"
    for folder in (bundle, models / "checked_in.assay"):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(workspace.folder / "bazel-bin" / "models" / "weighted.assay", folder)
    build = models / "BUILD"
    digest = hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()
    build.write_text(build.read_text().replace("MOUNTED", str(bundle)).replace("DIGEST", digest))
    assert workspace.test("//models:checked_in_test", "//models:mounted_test").status == 0
    build.write_text(build.read_text().replace(digest, "0" * 64))
    assert workspace.test("//models:mounted_test").status == 3


def test_the_programs_can_be_built_from_source_by_another_workspace(workspace: Workspace) -> None:
    """All rules of the validator are analysed there; one of its libraries, and a generated header, are compiled."""
    programs = ["@torchassay//tools/bazel:validator", "@torchassay//tools/bazel:runner"]
    analysed = workspace.run("build", "--nobuild", *programs)
    assert analysed.returncode == 0, analysed.stdout
    built = workspace.run("build", "@torchassay//validator/base:catalogue")
    assert built.returncode == 0, built.stdout


def test_of_many_bundles_only_the_changed_one_is_validated_again() -> None:
    ran = subprocess.run(
        [sys.executable, CHECKOUT / "tools" / "bench" / "incremental.py", "--bundles", "5"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"^one changed +1 run, +4 cached ", ran.stdout, re.MULTILINE)
