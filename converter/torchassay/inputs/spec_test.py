"""The shared table of good and bad input specs, read by this parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from torchassay.inputs.spec import SpecError, parse_input_spec
from torchassay.inputs.spec_text import input_json, input_text

TABLE = Path(__file__).parents[3] / "testdata" / "specs" / "input_specs.json"
CASES: dict[str, list[dict[str, Any]]] = json.loads(TABLE.read_text())


@pytest.mark.parametrize("case", CASES["good"], ids=lambda case: case["text"])
def test_a_good_spec_is_read_and_printed(case: dict[str, Any]) -> None:
    spec = parse_input_spec(case["text"])
    assert input_json(spec) == case["spec"]
    assert input_text(spec) == case["canonical"]
    assert input_json(parse_input_spec(case["canonical"])) == case["spec"]


@pytest.mark.parametrize("case", CASES["bad"], ids=lambda case: case["text"] or "empty")
def test_a_bad_spec_points_at_its_error(case: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        parse_input_spec(case["text"])
    assert caught.value.position == case["position"]
    assert caught.value.message == case["message"]
    assert caught.value.help == case["help"]


@pytest.mark.parametrize("template", ["x=f32[{}]", "x=i64[3]{{{}}}", "x={}", "x=f32[B:1..{}]"])
def test_a_number_of_many_digits_is_an_error_not_a_crash(template: str) -> None:
    with pytest.raises(SpecError):
        parse_input_spec(template.format("9" * 6000))
