"""What a call leaves changed, and what it asks of the world, is named by the line that does it."""

import itertools
import os
import random
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.jit._trace import is_tracing

from torchassay.sense.leak import Sensing

Sense = Callable[..., Sensing]
LINES = Path(__file__).read_text().splitlines()
TOTAL = 0


class Holder:
    def __init__(self) -> None:
        self.total = 0


class Stateful(nn.Module):
    """Has one of each kind of state; `step` says which one forward changes."""

    seen = 0

    def __init__(self, step: Callable[["Stateful", torch.Tensor], object]) -> None:
        super().__init__()
        self.step = step
        self.count = 0
        self.items: list[object] = []
        self.queue: deque[int] = deque(maxlen=2)
        self.cycle = itertools.cycle([1.0, 2.0])
        self.holder = Holder()
        self.register_buffer("mean", torch.zeros(()))
        self.mean: torch.Tensor
        self.weight = nn.Parameter(torch.ones(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.step(self, x)
        return x * 2

    def read(self) -> object:
        return self.count, self.items, self.queue, self.holder.total, Stateful.seen


def count(model: Stateful, _: torch.Tensor) -> None:
    model.count += 1  # count


def append(model: Stateful, x: torch.Tensor) -> None:
    model.items.append(x)  # append


def rotate(model: Stateful, _: torch.Tensor) -> None:
    model.queue.append(1)  # rotate


def advance(model: Stateful, _: torch.Tensor) -> None:
    next(model.cycle)  # advance


def inside(model: Stateful, _: torch.Tensor) -> None:
    model.holder.total += 1  # inside


def assign(model: Stateful, x: torch.Tensor) -> None:
    model.mean = 0.9 * model.mean + 0.1 * x.mean()  # assign


def behind(model: Stateful, _: torch.Tensor) -> None:
    model.weight.data.mul_(0.9)  # behind


def fresh(model: Stateful, _: torch.Tensor) -> None:
    vars(model)["added"] = 1  # fresh


def of_class(_: Stateful, __: torch.Tensor) -> None:
    Stateful.seen += 1  # of_class


def of_module(_: Stateful, __: torch.Tensor) -> None:
    global TOTAL  # noqa: PLW0603  # the state under test
    TOTAL += 1  # of_module


def default(_: Stateful, __: torch.Tensor, memo: list[int] = []) -> None:  # noqa: B006
    memo.append(1)  # default


def line_of(mark: str) -> int:
    return next(number for number, text in enumerate(LINES, 1) if text.endswith(f"  # {mark}"))


STEPS = (count, append, rotate, advance, inside, assign, behind, fresh, of_class, of_module, default)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_change_is_blamed_on_its_line(sensed: Sense, step: Callable[..., object]) -> None:
    leaks = [leak for leak in sensed(Stateful(step), torch.rand(3)).live if leak.code == "TA106"]
    assert {leak.statement.line for leak in leaks} == {line_of(step.__name__)}


def test_a_buffer_changed_in_place_is_not_live_for_a_trace_records_it(sensed: Sense) -> None:
    sensing = sensed(Stateful(lambda model, x: model.mean.add_(x.mean())), torch.rand(3))
    assert [leak.kind for leak in sensing.leaks] == ["buffer"]
    assert sensing.live == ()


def test_state_held_by_a_hook(sensed: Sense) -> None:
    model, calls = nn.Linear(3, 3), [0]

    def hook(*_: object) -> None:
        calls[0] += 1  # hook

    model.register_forward_hook(hook)
    assert {leak.statement.line for leak in sensed(model, torch.rand(3)).live if leak.code == "TA106"} == {line_of("hook")}


def environment(_: Stateful, __: torch.Tensor) -> None:
    os.environ.get("SOME_FLAG")  # environment


def setting(_: Stateful, __: torch.Tensor) -> None:
    os.getenv("SOME_FLAG", "0")  # setting


def clock(_: Stateful, __: torch.Tensor) -> None:
    time.perf_counter()  # clock


def draw(_: Stateful, __: torch.Tensor) -> None:
    random.randint(0, 3)  # draw


def seed(_: Stateful, __: torch.Tensor) -> None:
    torch.manual_seed(0)  # seed


def tracing(_: Stateful, __: torch.Tensor) -> None:
    is_tracing()  # tracing


WORLD = (environment, setting, clock, draw, seed, tracing)


@pytest.mark.parametrize("step", WORLD, ids=lambda step: step.__name__)
def test_a_question_to_the_world_is_named_by_its_line(sensed: Sense, step: Callable[..., object]) -> None:
    leaks = [leak for leak in sensed(Stateful(step), torch.rand(3)).live if leak.code == "TA107"]
    assert [leak.statement.line for leak in leaks] == [line_of(step.__name__)]


def test_numpy_randomness_is_named_by_its_line(sensed: Sense) -> None:
    numpy = pytest.importorskip("numpy")
    sensing = sensed(Stateful(lambda *_: numpy.random.rand()), torch.rand(3))
    assert [leak.code for leak in sensing.live] == ["TA107"]


def test_a_clock_read_by_a_library_is_not_the_models(sensed: Sense) -> None:
    def forward(_: Stateful, x: torch.Tensor) -> None:
        torch.utils.checkpoint.checkpoint(lambda y: y * 2, x, use_reentrant=False)

    assert [leak.kind for leak in sensed(Stateful(forward), torch.rand(3)).live if leak.kind == "clock"] == []


def test_a_large_buffer_that_is_overwritten_behind_autograd_is_seen(sensed: Sense) -> None:
    model = Stateful(lambda model, x: model.weight.data.copy_(model.weight + 1))
    model.weight = nn.Parameter(torch.zeros(100, 100))
    assert [leak.kind for leak in sensed(model, torch.rand(3)).live if leak.code == "TA106"] == ["attribute"]
