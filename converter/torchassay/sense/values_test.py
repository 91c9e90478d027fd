"""Values as a person would write them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from torchassay.sense.values import describe


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, "3"),
        (torch.tensor(2.5), "2.5"),
        (np.array(24), "24"),
        (np.float32(0.5), "0.5"),
    ],
)
def test_what_holds_one_value_is_that_value(value: object, shown: str) -> None:
    assert describe(value) == shown


def test_tensors_in_a_container_are_told_by_their_shape() -> None:
    ones = torch.ones(2, 3)
    assert describe([ones, 5]) == f"[{describe(ones)}, 5]"
    assert describe({"past": ones}) == f"{{'past': {describe(ones)}}}"


def test_what_holds_more_has_a_digest_of_the_whole() -> None:
    assert describe(np.arange(3)) != describe(np.arange(1, 4))
    assert describe(np.arange(3)).startswith("array[3]#")
    assert describe("x" * 99) != describe("x" * 98 + "y")
