"""Nested values become manifest data and come back as what a comparison needs."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import NamedTuple

import pytest
import torch

from torchassay.bundle.values import UnsupportedValue, ValueEncoder, decode


class Pair(NamedTuple):
    left: object
    right: object



@dataclasses.dataclass
class Output:
    logits: torch.Tensor
    loss: float | None = None


def round_trip(value: object, path: str = "output") -> tuple[dict[str, object], object]:
    encoder = ValueEncoder()
    encoded = encoder.encode(value, path)
    json.dumps(encoded, allow_nan=False)
    return encoded, decode(encoded, encoder.tensors)


@pytest.mark.parametrize("value", [None, True, 0, -3, 0.5, "text", 1 + 2j, (1, [2, {"a": 3}]), {}, [], ()])
def test_plain_values_come_back(value: object) -> None:
    _, back = round_trip(value)
    assert back == value
    assert type(back) is type(value)


def test_numbers_that_json_lacks_are_texts() -> None:
    encoded, back = round_trip((math.nan, math.inf, -math.inf))
    assert encoded == {"tuple": [{"float": "nan"}, {"float": "inf"}, {"float": "-inf"}]}
    assert isinstance(back, tuple)
    assert math.isnan(back[0])


def test_classes_are_named_and_come_back_plain() -> None:
    encoded, back = round_trip(Pair(1, Output(torch.ones(2))))
    assert (encoded["class"], encoded["names"]) == ("Pair", ["left", "right"])
    assert isinstance(back, tuple)
    assert isinstance(back[1], tuple)


@pytest.mark.parametrize("path", ["input.x", "output"])
def test_a_data_class_is_a_tuple_of_its_fields(path: str) -> None:
    encoded, back = round_trip(Output(torch.ones(2), 0.5), path)
    assert (encoded["names"], encoded["class"]) == (["logits", "loss"], "Output")
    assert isinstance(back, tuple)


def test_tensor_names_are_paths() -> None:
    encoder = ValueEncoder()
    encoder.encode({"a": [torch.ones(1)], "b c": torch.ones(2), 3: torch.ones(3)}, "output")
    assert list(encoder.tensors) == ["output.a[0]", 'output["b c"]', "output[3]"]


def test_the_same_input_twice_is_an_alias() -> None:
    x = torch.ones(2)
    encoder = ValueEncoder()
    encoder.encode(x, "input.q")
    assert encoder.encode(x, "input.k")["alias"] == "input.q"
    assert encoder.encode(x[:], "input.v")["alias"] == "input.q"
    assert "alias" not in encoder.encode(x.clone(), "input.w")


def test_layout_and_grad_are_kept() -> None:
    image = torch.ones(1, 2, 3, 3).to(memory_format=torch.channels_last)
    _, back = round_trip(image, "input.x")
    assert isinstance(back, torch.Tensor)
    assert back.is_contiguous(memory_format=torch.channels_last)
    _, back = round_trip(torch.ones(2, requires_grad=True), "input.x")
    assert isinstance(back, torch.Tensor)
    assert back.requires_grad


def test_a_sparse_output_is_stored_dense_and_says_so() -> None:
    encoded, back = round_trip(torch.eye(2).to_sparse())
    assert encoded["layout"] == "sparse_coo"
    assert isinstance(back, torch.Tensor)
    assert torch.equal(back, torch.eye(2))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "`output` is an object"),
        ({"a": {1, 2}}, "`output.a` is a set"),
        ({(1, 2): 3}, "a dict with a tuple as key"),
        (torch.ones(2, device="meta"), "on meta"),
        (torch.ones(2, dtype=torch.uint16), "torch.uint16"),
    ],
)
def test_what_a_bundle_cannot_hold_is_named(value: object, message: str) -> None:
    with pytest.raises(UnsupportedValue, match=message):
        ValueEncoder().encode(value, "output")
