"""A representative part of the development corpus: verdict, line and counterexample of each module.

The whole corpus runs in tools/bench/divergence.py.
"""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path

import pytest
import torch

from torchassay.capture.artifact import Artifact
from torchassay.capture.trace import trace
from torchassay.explore.counterexample import Exploration, Options
from torchassay.explore.search import search
from torchassay.findings.finding import Finding
from torchassay.inputs.domain import build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.judge.judge import judge
from torchassay.loading.examples import load_examples
from torchassay.loading.load import load
from torchassay.sense.sense import sense

MODELS = Path(__file__).resolve().parents[3] / "testdata" / "models"

DIVERGENT = (
    "value_three_levels",
    "value_scale_item",
    "value_data_severed",
    "rare_two_codes",
    "rare_nested",
    "rare_buffer_match",
    "shape_range_loop",
    "shape_rare_size",
    "shape_dtype",
    "shape_optional_key",
    "state_late_switch",
    "state_password",
    "state_warm_up",
    "random_layer_drop",
    "structure_optional_output",
)
HARMLESS = (
    "harmless_assert_values",
    "harmless_equal_sides",
    "harmless_logging",
    "harmless_recorded_dropout",
    "harmless_scripted_helper",
    "harmless_self_attention",
)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def convert(name: str) -> tuple[list[Finding], Exploration]:
    path = MODELS / f"{name}.py"
    subject = load(f"{path}:build")
    examples = load_examples(f"{path}:example_inputs", subject.parameters)
    domain = build_domain(subject.parameters, examples, [parse_input_spec(spec) for spec in declared(path)])
    with tempfile.TemporaryDirectory() as folder:
        artifact = trace(subject, domain.examples[0], folder=Path(folder), timeout=60)
        assert isinstance(artifact, Artifact)
        found = search(subject, domain, artifact.path, Options(budget=10))
        return judge(subject, domain, sense(subject, domain.examples[0]), found), found


def declared(path: Path) -> list[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "INPUTS":
            return list(ast.literal_eval(node.value))
    return []


def marked(name: str) -> set[int]:
    lines = (MODELS / f"{name}.py").read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if "# diverges" in line}


@pytest.mark.parametrize("name", DIVERGENT)
def test_a_divergence_is_proved_at_its_line(name: str) -> None:
    findings, found = convert(name)
    proved = [finding for finding in findings if finding.verdict == "proved"]
    assert proved, [finding.message for finding in findings]
    assert {finding.line for finding in proved} <= marked(name)
    assert proved[0].counterexample == "counterexample-1"
    assert found.counterexamples


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_module_stays_quiet(name: str) -> None:
    findings, _ = convert(name)
    assert [finding.message for finding in findings if finding.verdict in ("proved", "possible")] == []
