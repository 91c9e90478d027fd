"""Whatever a model keeps between calls is seen to change, and is put back in place."""

from __future__ import annotations

import array
import collections
import functools
import importlib
import itertools
import random
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from torchassay.explore.pair import Eager
from torchassay.explore.state import StateGuard
from torchassay.inputs.call import Call
from torchassay.testing import subject_of

TOTAL = [0]


@functools.cache
def table(size: int) -> torch.Tensor:
    return torch.zeros(size)


def make_counter() -> Callable[[], int]:
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return count

    return step


class Slotted:
    __slots__ = ("calls", "later")

    def __init__(self) -> None:
        self.calls = 0


class Named(dict[str, int]):
    title = "none"


class Keeper(nn.Module):
    shared = 0

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("buffer", torch.zeros(3))
        self.weight = nn.Parameter(torch.ones(2))
        self.number = 0
        self.items: list[int] = []
        self.cache: dict[str, object] = {}
        self.recent: collections.deque[int] = collections.deque(maxlen=3)
        self.names: set[str] = set()
        self.step = make_counter()
        self.table = table
        self.constant = torch.arange(4.0)
        self.random = random.Random(3)
        self.legacy = np.random.RandomState(3)
        self.modern = np.random.default_rng(3)
        self.own = torch.Generator()
        self.counts = np.zeros(3)
        self.raw = bytearray(2)
        self.typed = array.array("i", [1, 2])
        self.settings = types.SimpleNamespace(calls=0)
        self.slotted = Slotted()
        self.table_with_attributes = Named(a=1)

    def forward(self, change: str) -> None:
        CHANGES[change](self)
        TOTAL[0] += 0


def grow_total(_: Keeper) -> None:
    TOTAL[0] += 1


CHANGES: dict[str, Callable[[Any], object]] = {
    "number": lambda m: setattr(m, "number", 5),
    "items": lambda m: m.items.append(1),
    "cache": lambda m: m.cache.update(a=1),
    "recent": lambda m: m.recent.append(1),
    "names": lambda m: m.names.add("a"),
    "closure": lambda m: m.step(),
    "lru_cache": lambda m: m.table(3),
    "buffer in place": lambda m: m.buffer.add_(1),
    "buffer behind the version counter": lambda m: m.buffer.data.add_(1),
    "buffer assigned again": lambda m: setattr(m, "buffer", torch.ones(3)),
    "buffer resized": lambda m: m.buffer.resize_(7),
    "data exchanged": lambda m: setattr(m.weight, "data", torch.zeros(5)),
    "plain tensor": lambda m: m.constant.mul_(2),
    "new attribute": lambda m: setattr(m, "fresh", 1),
    "class attribute": lambda m: setattr(Keeper, "shared", 1),
    "module global": grow_total,
    "generator of Python": lambda m: m.random.random(),
    "old generator of NumPy": lambda m: m.legacy.uniform(),
    "new generator of NumPy": lambda m: m.modern.normal(),
    "generator of PyTorch": lambda m: torch.rand(2, generator=m.own),
    "array of NumPy": lambda m: m.counts.__iadd__(1),
    "bytearray": lambda m: m.raw.__setitem__(0, 7),
    "typed array": lambda m: m.typed.append(3),
    "namespace": lambda m: setattr(m.settings, "calls", 1),
    "slot": lambda m: setattr(m.slotted, "calls", 1),
    "slot that was empty": lambda m: setattr(m.slotted, "later", 1),
    "attribute of a dictionary": lambda m: setattr(m.table_with_attributes, "title", "some"),
    "training flag": lambda m: m.train(not m.training),
    "gradient flag": lambda m: m.weight.requires_grad_(False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen_and_undone(change: str) -> None:
    model = Keeper()
    guard = StateGuard(model, CHANGES)
    assert guard.changes() == []
    with torch.no_grad():
        CHANGES[change](model)
    assert guard.changes()
    with torch.no_grad():
        guard.restore()
    assert guard.changes() == []


def numbers() -> Iterator[int]:
    yield from (3, 5, 7)


class Scheduled(nn.Module):
    def __init__(self, order: Iterator[int]) -> None:
        super().__init__()
        self.order = order

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * next(self.order)


ITERATORS: dict[str, Callable[[], Any]] = {
    "generator": numbers,
    "cycle": lambda: itertools.cycle([1, 2]),
    "count": itertools.count,
    "list": lambda: iter([1, 2, 3]),
    "map": lambda: map(abs, [1, 2, 3]),
    "chain of range": lambda: itertools.chain(range(1, 4)),
}


@pytest.mark.parametrize("kind", ITERATORS)
def test_an_iterator_that_moved_on_is_seen_and_made_again(kind: str) -> None:
    def build() -> nn.Module:
        return Scheduled(ITERATORS[kind]())

    subject = replace(subject_of(build()), build=build)
    eager, call = Eager(subject, 5.0), Call((torch.ones(2),))
    first, second = eager(call), eager(call)
    assert not torch.equal(first, second)  # type: ignore[arg-type]
    assert [change.path for change in eager.guard.changes()] == ["order"]
    eager.reset()
    assert torch.equal(eager(call), first)  # type: ignore[arg-type]


def test_nothing_changes_without_a_change() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).eval()
    guard = StateGuard(model)
    model(torch.ones(3, 2))
    assert guard.changes() == []


def test_an_expanded_buffer_is_put_back() -> None:
    model = nn.Module()
    model.register_buffer("wide", torch.zeros(1).expand(4))
    guard = StateGuard(model)
    model.wide = torch.ones(4)
    guard.restore()
    assert torch.equal(model.wide, torch.zeros(4))


def test_equal_states_have_equal_fingerprints() -> None:
    model = Keeper()
    guard = StateGuard(model)
    before = guard.fingerprint()
    model.number = 3
    assert guard.fingerprint() != before
    model.number = 0
    assert guard.fingerprint() == before


def test_a_state_that_is_made_anew_with_the_same_contents_rests() -> None:
    model = Keeper()
    guard = StateGuard(model)
    states = []
    for filler in (torch.zeros, torch.zeros, torch.ones):
        model.cache["bias"] = filler(3)
        states.append(guard.rest())
        guard.restore()
    assert states[0] is not None
    assert states[0] == states[1] != states[2]


def test_of_a_generator_that_moved_on_nobody_can_tell_whether_it_rests() -> None:
    model = Keeper()
    guard = StateGuard(model)
    model.legacy.uniform()
    assert guard.rest() is None


def test_a_variable_of_another_file_is_seen_and_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("their_counts.py").write_text("calls = 0\nby_size = {}\n")
    tmp_path.joinpath("their_model.py").write_text(
        "import their_counts\n\n"
        "def step(sizes):\n    their_counts.calls += 1\n    return [their_counts.by_size.setdefault(size, 0) for size in sizes]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    step = importlib.import_module("their_model").step
    guard = StateGuard(step)
    for _ in range(2):
        step([1, 2])
        assert len(guard.changes()) == 2
        guard.restore()
        assert guard.changes() == []
    for name in ("their_counts", "their_model"):
        del sys.modules[name]
