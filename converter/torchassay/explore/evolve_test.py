"""Conditions that neither chance nor a single gradient reaches are reached all the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from torchassay.explore.search_test import Forward, searched

BLOCKED = ("31337", "12345")
KEY = torch.tensor([1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0]).bool()


def narrow_window(x: torch.Tensor) -> torch.Tensor:
    return -x if 0.6180 < x.mean() < 0.6181 else x


def window_behind_a_bound(x: torch.Tensor) -> torch.Tensor:
    ratio = x[0] / x[1]
    return x * 0 if 1.777 < ratio < 1.778 and x[1] > 400 else x


def text_of_digits(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if "".join(str(int(value)) for value in x) in BLOCKED else x


def rising_by_one(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if (x[1:] - x[:-1] == 1).all() else x


def mask_as_python_truth(x: torch.Tensor) -> torch.Tensor:
    return ~x if bool((x == KEY).all()) else x


def square_of_a_large_root(x: torch.Tensor) -> torch.Tensor:
    root = math.isqrt(int(x))
    return x * 0 if root * root == int(x) and root > 50 else x


def special_first_call_on_a_side(x: torch.Tensor) -> torch.Tensor:
    return x.clamp(max=10) if (x == 7).sum() >= 5 else x


def hash_bucket(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if (x[0] * 7919 + x[1] * 104729) % 1000 == 123 else x


def rotation(x: torch.Tensor) -> torch.Tensor:
    return x * 2 if (x @ x.T - torch.eye(3)).abs().max() < 1e-3 else x


def set_of_ids(x: torch.Tensor) -> torch.Tensor:
    return x * 0 if set(x.tolist()) == {11, 47, 803} else x


@pytest.mark.parametrize(
    ("function", "example", "spec"),
    [
        (narrow_window, torch.full((10,), 0.5), "x=f32[10]{0..1}"),
        (window_behind_a_bound, torch.full((2,), 100.0), "x=f32[2]{1..900}"),
        (text_of_digits, torch.ones(5, dtype=torch.int64), "x=i64[5]{0..9}"),
        (rising_by_one, torch.tensor([4, 2, 9, 9, 1]), "x=i64[5]{0..50}"),
        (mask_as_python_truth, torch.zeros(12, dtype=torch.bool), "x=bool[12]"),
        (square_of_a_large_root, torch.tensor(7), "x=i64[]{0..100000}"),
        (special_first_call_on_a_side, torch.arange(16) + 100, "x=i64[16]{0..999}"),
        (hash_bucket, torch.tensor([5, 8]), "x=i64[2]{0..999}"),
        (rotation, torch.ones(3, 3), "x=f32[3,3]{-1..1}"),
        (set_of_ids, torch.tensor([5, 6, 7]), "x=i64[3]{0..999}"),
    ],
)
def test_a_rare_condition_is_reached(function: Callable[[torch.Tensor], Any], example: torch.Tensor, spec: str) -> None:
    torch.set_num_threads(1)
    assert searched(Forward(function), [example], spec, budget=30).counterexamples
