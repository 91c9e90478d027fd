"""Paths lead into nested values and back, and containers keep their class."""

from __future__ import annotations

import collections
import dataclasses
from typing import Any, NamedTuple

import pytest

from torchassay.base.errors import ConverterError
from torchassay.inputs import tree


class Pair(NamedTuple):
    left: object
    right: object



@dataclasses.dataclass(frozen=True)
class Batch:
    ids: object
    mask: object = None


class Output(collections.OrderedDict[str, object]):
    """A mapping with a class of its own, as libraries return it."""


VALUE: dict[object, Any] = {
    "a": [1, (2, Pair(3, 4))],
    "b c": Batch(5),
    7: Output(x=6),
    True: 8,
}


def test_every_leaf_has_a_path() -> None:
    paths = dict(tree.walk(VALUE, "v"))
    assert list(paths) == [
        "v.a[0]",
        "v.a[1][0]",
        "v.a[1][1].left",
        "v.a[1][1].right",
        'v["b c"].ids',
        'v["b c"].mask',
        "v[7].x",
        "v[true]",
    ]


def test_a_path_leads_to_its_leaf() -> None:
    for path, leaf in tree.walk(VALUE, "v"):
        assert tree.get(VALUE, tree.split(path)[1:]) is leaf


@pytest.mark.parametrize("path", ["x", "x.y", "x[0]", 'x["a \\"b\\" \\\\"]', "x[true]", "x[0.5]", "x[-1]", '["a b"]'])
def test_a_path_survives_splitting_and_joining(path: str) -> None:
    joined = ""
    for step in tree.split(path):
        joined = tree.join(joined, step)
    assert joined == path


def test_replacing_a_leaf_keeps_the_rest_and_the_classes() -> None:
    changed = tree.replace(VALUE, tree.split("v.a[1][1].left")[1:], 30)
    assert isinstance(changed, dict)
    assert changed["a"] == [1, (2, Pair(30, 4))]
    assert VALUE["a"] == [1, (2, Pair(3, 4))]
    changed = tree.transform(VALUE, lambda path, leaf: path)
    assert isinstance(changed, dict)
    assert isinstance(changed["b c"], Batch)
    assert isinstance(changed[7], Output)
    assert VALUE["b c"] == Batch(5)


@pytest.mark.parametrize("path", ["v.zzz", "v.a[9]", "v.a[0].x", "v[8]", "v[1]"])
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    with pytest.raises(tree.PathError, match="there is no"):
        tree.get(VALUE, tree.split(path)[1:])


def test_a_text_that_is_no_path_is_an_error() -> None:
    with pytest.raises(tree.PathError, match="is not a path"):
        tree.split("x[")


def test_a_value_that_holds_itself_is_an_error() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(ConverterError, match="nested deeper"):
        list(tree.walk(loop, "x"))
