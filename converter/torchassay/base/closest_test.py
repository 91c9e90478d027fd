"""Suggestions: near words are offered, far ones are not."""

from __future__ import annotations

import pytest

from torchassay.base.closest import closest, distance


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("", "", 0), ("abc", "", 3), ("f23", "f32", 1), ("forwrd", "forward", 1), ("kitten", "sitting", 3)],
)
def test_distance_counts_typing_errors(left: str, right: str, expected: int) -> None:
    assert distance(left, right) == expected
    assert distance(right, left) == expected


def test_the_nearest_word_within_a_third_is_suggested() -> None:
    assert closest("--inpt", ["--input", "--inputs-from", "--json"]) == "--input"
    assert closest("TRACE", ["auto", "trace"]) == "trace"
    assert closest("xyz", ["auto", "trace"]) is None
    assert closest("x", []) is None
