"""The comparator sees every kind of difference, wherever it is nested."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import pytest
import torch

from torchassay.explore.agree import Disagreement, Raised, compare

ONE = torch.tensor([1.0, 2.0])


@dataclass
class Output:
    logits: torch.Tensor
    loss: torch.Tensor | None = None


class Pair(NamedTuple):
    a: torch.Tensor
    b: torch.Tensor


def found(expected: object, actual: object) -> Disagreement:
    result = compare(expected, actual)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (ONE, ONE.clone()),
        ((ONE, [ONE]), [ONE, (ONE,)]),
        (Pair(ONE, ONE), (ONE, ONE)),
        ({"a": ONE, "b": {"c": ONE}}, {"b": {"c": ONE}, "a": ONE}),
        (Output(ONE), {"logits": ONE}),
        (Output(ONE), (ONE,)),
        (torch.tensor([math.nan, math.inf]), torch.tensor([math.nan, math.inf])),
        (torch.empty(0, 3), torch.empty(0, 3)),
        (None, None),
        (3, 3),
        ("a", "a"),
        (1.0, 1.0 + 1e-9),
        (Raised("ValueError", "a"), Raised("RuntimeError", "b")),
        (ONE, ONE + 1e-6),
        (torch.eye(2).to_sparse(), torch.eye(2).to_sparse()),
        (torch.tensor([1 + 2j]), torch.tensor([1 + 2j])),
    ],
)
def test_these_agree(expected: object, actual: object) -> None:
    assert compare(expected, actual) is None


@pytest.mark.parametrize(
    ("expected", "actual", "kind", "where"),
    [
        (ONE, ONE + 1, "value", "output"),
        (ONE, ONE.double(), "dtype", "output"),
        (ONE, ONE[None], "shape", "output"),
        (ONE, [ONE], "structure", "output"),
        (ONE, 1.0, "structure", "output"),
        (ONE, None, "structure", "output"),
        ((ONE, ONE), (ONE,), "structure", "output"),
        ({"a": ONE}, {"b": ONE}, "structure", "output"),
        ({"a": [ONE, {"b": ONE}]}, {"a": [ONE, {"b": ONE * 2}]}, "value", "output.a[1].b"),
        (Output(ONE, ONE), {"logits": ONE}, "structure", "output"),
        (torch.tensor([math.nan]), torch.tensor([0.0]), "nan", "output"),
        (torch.tensor([math.inf]), torch.tensor([-math.inf]), "nan", "output"),
        (Raised("ValueError", "a"), ONE, "raises", "output"),
        (ONE, Raised("ValueError", "a"), "raises", "output"),
        (3, 4, "value", "output"),
        (True, False, "other", "output"),
        (True, 1, "structure", "output"),
        ("a", "b", "other", "output"),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), "value", "output"),
        (torch.tensor([True]), torch.tensor([False]), "value", "output"),
    ],
)
def test_these_disagree(expected: object, actual: object, kind: str, where: str) -> None:
    result = found(expected, actual)
    assert (result.kind, result.where) == (kind, where)


def test_the_largest_error_is_reported_over_all_outputs() -> None:
    assert found((ONE, ONE), (ONE + 1, ONE + 5)).max_abs_error == 5


def test_a_structural_difference_outranks_a_larger_error() -> None:
    assert found((ONE, ONE), (ONE + 100, ONE.double())).kind == "dtype"


def test_integers_beyond_double_precision_are_not_lost_when_equal() -> None:
    big = torch.tensor([2**62 + 1])
    assert compare(big, big.clone()) is None
