"""The comparator of the search against the table that also tests the validator: one formula in both halves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from torchassay.explore.agree import compare
from torchassay.inputs.dtypes import TORCH_DTYPES

TABLE = Path(__file__).parents[3] / "testdata" / "compare" / "vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(TABLE.read_text())["vectors"]
DEFAULTS = {  # those of torch.testing.assert_close; integers and bool: equal
    "f16": (1e-3, 1e-5),
    "bf16": (1.6e-2, 1e-5),
    "f32": (1.3e-6, 1e-5),
    "c64": (1.3e-6, 1e-5),
    "f64": (1e-7, 1e-7),
    "c128": (1e-7, 1e-7),
}


def number(value: Any) -> Any:
    if isinstance(value, list):
        return complex(float(value[0]), float(value[1]))
    return float(value) if isinstance(value, str) else value


def tensor(values: list[Any], dtype: str) -> torch.Tensor:
    return torch.tensor([number(value) for value in values], dtype=TORCH_DTYPES[dtype])


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_comparator_agrees_with_the_shared_table(vector: dict[str, Any]) -> None:
    dtype = vector["dtype"]
    actual, expected = tensor(vector["actual"], dtype), tensor(vector["expected"], dtype)
    if not vector.get("equal_nan", False) and bool((actual.isnan() & expected.isnan()).any()):
        pytest.skip("the search always lets a NaN equal a NaN, as `validate` does")
    rtol, atol = DEFAULTS.get(dtype, (0.0, 0.0))
    found = compare(expected, actual, rtol=vector.get("rtol", rtol), atol=vector.get("atol", atol))
    assert (found is None) == vector["passed"], found
