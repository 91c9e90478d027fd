"""The search finds what differs, never what does not, and leaves the user's model as it was."""

from __future__ import annotations

import inspect
import random
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from torchassay.base.child import run_child
from torchassay.base.memory import limit_memory
from torchassay.capture.artifact import Artifact
from torchassay.capture.trace import trace
from torchassay.explore.counterexample import Exploration, Options
from torchassay.explore.search import search
from torchassay.inputs.call import Call
from torchassay.inputs.domain import Domain, build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.loading.subject import Subject
from torchassay.sense.sense import sense


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def subject_of(model: nn.Module) -> Subject:
    return Subject(model, "forward", "model", "model", None, None, inspect.signature(model.forward), None)


def setting(model: nn.Module, inputs: Sequence[object], *specs: str) -> tuple[Subject, Domain]:
    subject = subject_of(model.eval())
    return subject, build_domain(subject.parameters, [Call(tuple(inputs))], [parse_input_spec(spec) for spec in specs])


def searched(model: nn.Module, inputs: Sequence[object], *specs: str, budget: float = 5.0) -> Exploration:
    subject, domain = setting(model, inputs, *specs)
    with tempfile.TemporaryDirectory() as folder:
        artifact = trace(subject, domain.examples[0], folder=Path(folder), timeout=60)
        assert isinstance(artifact, Artifact), artifact
        return search(subject, domain, artifact.path, Options(budget=budget))


class Forward(nn.Module):
    """A module whose forward is a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(x)


class Counting(nn.Module):
    seen: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))
        self.norm = nn.BatchNorm1d(3)
        self.calls = 0
        self.log: list[int] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.log.append(self.calls)
        self.seen.add_(1)
        scaled: torch.Tensor = self.norm(x)
        return scaled + torch.rand(3) * 0 + self.calls


def snapshot(model: Counting) -> tuple[dict[str, torch.Tensor], int, list[int], list[bool]]:
    tensors = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    return tensors, model.calls, list(model.log), [module.training for module in model.modules()]


def test_the_users_model_is_the_same_after_a_search(tmp_path: Path) -> None:
    model = Counting()
    before = snapshot(model.eval())
    states = (torch.get_rng_state(), random.getstate())
    subject, domain = setting(model, [torch.ones(2, 3)])
    artifact = trace(subject, domain.examples[0], folder=tmp_path, timeout=60)
    sense(subject, domain.examples[0])
    assert isinstance(artifact, Artifact)
    search(subject, domain, artifact.path, Options(budget=1))
    after = snapshot(model)
    assert all(torch.equal(before[0][name], after[0][name]) for name in before[0])
    assert before[1:] == after[1:]
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]


def caught(x: torch.Tensor) -> torch.Tensor:
    try:
        return x.view(7)
    except RuntimeError:
        return x * 2


def test_an_exception_caught_in_forward_may_crash_the_tracer_but_not_us(tmp_path: Path) -> None:
    subject, domain = setting(Forward(caught), [torch.ones(4)])
    result = trace(subject, domain.examples[0], folder=tmp_path, timeout=60)
    if isinstance(result, Artifact):
        found = search(subject, domain, result.path, Options(budget=1))
        assert found.trouble is None
    else:
        assert result.kind in ("crash", "trace")


def test_a_once_only_or_muted_warning_changes_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            found = searched(Forward(lambda x: x + 1 if x.sum() > 0 else x - 1), [torch.ones(3)])
            assert found.counterexamples


def test_values_inside_dictionaries_are_compared() -> None:
    found = searched(Forward(lambda x: {"a": {"b": x * float(x.max())}}), [torch.ones(3)])
    assert found.counterexamples[0].disagreement.where == "output.a.b"


def test_a_model_that_hangs_on_some_input_does_not_stop_the_search() -> None:
    def halve(x: torch.Tensor) -> torch.Tensor:
        while x.norm() > 1:
            x = x / 2
        return x

    found = searched(Forward(halve), [torch.full((3,), 0.1)], "x=f32[3]{-10..10,inf}", budget=3)
    assert found.counterexamples


def test_an_input_for_which_there_is_not_enough_memory_is_no_proof() -> None:
    def pairwise(x: torch.Tensor) -> torch.Tensor:
        return (x[:, None] - x[None]).abs().sum(1)  # 1.6 GB at the largest size that is declared

    def limited() -> Exploration:
        limit_memory(1 << 29)
        return searched(Forward(pairwise), [torch.ones(4)], "x=f32[N:1..20000]", budget=2)

    found = run_child(limited, timeout=60).value
    assert found is not None
    assert (found.counterexamples, found.trouble) == ((), None)


def test_rounding_is_no_proof() -> None:
    def unstable(x: torch.Tensor) -> torch.Tensor:
        for _ in range(60):
            x = 3.9 * x * (1 - x)
        return x

    assert searched(Forward(unstable), [torch.full((4,), 0.3)], "x=f32[4]{0..1}").counterexamples == ()


def test_large_values_in_convolutions_are_no_proof() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3))
    assert searched(model, [torch.ones(1, 3, 8, 8)], "input=f32[B:1..3,3,H:6..12,8]", budget=4).counterexamples == ()


def test_dropout_that_is_recorded_is_no_proof() -> None:
    found = searched(Forward(lambda x: nn.functional.dropout(x, 0.5, training=True)), [torch.ones(20)])
    assert found.nondeterministic
    assert found.counterexamples == ()


def test_randomness_that_is_frozen_is_proved() -> None:
    assert searched(Forward(lambda x: x * random.random()), [torch.ones(2)]).counterexamples


def test_only_legal_calls_are_counterexamples() -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        return x * 2 if x.max() > 10 else x

    assert searched(Forward(forward), [torch.zeros(4)], "x=f32[4]{-10..10}").counterexamples == ()


def test_the_same_seed_gives_the_same_counterexample() -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        return x * 2 if x[2] == 4711.5 else x

    first, second = (searched(Forward(forward), [torch.zeros(4)]).counterexamples[0] for _ in range(2))
    assert torch.equal(first.calls[0].args[0], second.calls[0].args[0])  # type: ignore[arg-type]


def test_a_counterexample_is_small() -> None:
    found = searched(Forward(lambda x: x * 2 if x[3] > 50 else x), [torch.linspace(0, 1, 8)])
    value = found.counterexamples[0].calls[0].args[0]
    assert isinstance(value, torch.Tensor)
    assert int((value != 0).sum()) == 1


def test_a_dead_search_is_trouble_and_not_an_exception(tmp_path: Path) -> None:
    subject, domain = setting(Forward(lambda x: x), [torch.ones(2)])
    (tmp_path / "model.pt").write_bytes(b"no archive")
    assert search(subject, domain, tmp_path / "model.pt", Options(budget=1)).trouble


def test_the_search_itself_runs_in_children() -> None:
    assert run_child(torch.get_num_threads, timeout=10).value == 1


def test_no_budget_runs_the_example_alone() -> None:
    found = searched(Forward(lambda x: x + 1 if x.sum() > 0 else x - 1), [torch.ones(3)], budget=0)
    assert (found.runs, found.counterexamples) == (1, ())


def test_an_order_in_memory_that_no_bundle_holds_is_no_proof_but_is_told() -> None:
    found = searched(Forward(lambda x: x * 2 if x.is_contiguous() else x * 3), [torch.ones(3, 3)])
    assert (found.counterexamples, found.layouts) == ((), ("x",))


def guarded_view(x: torch.Tensor) -> torch.Tensor:
    return (x if x.is_contiguous() else x.contiguous()).view(-1)


def test_a_guard_of_the_order_in_memory_is_no_matter() -> None:
    assert searched(Forward(guarded_view), [torch.ones(3, 3)], budget=1).layouts == ()


def test_a_size_without_a_range_is_tried_where_the_source_names_it() -> None:
    found = searched(Forward(lambda x: x[:, ::2] if x.shape[1] >= 200 else x), [torch.ones(1, 8)], "x=f32[B,T]")
    assert found.counterexamples


def spread(x: torch.Tensor) -> torch.Tensor:
    """Rounds beyond the example's two change nothing until the sum is large: no call by chance gets there."""
    rounds = 0
    while x.sum() > rounds * 100.0 and rounds < 40:
        rounds += 1
    return x * max(rounds, 2)


def settles(x: torch.Tensor) -> torch.Tensor:
    for _ in range(12):
        if (x.abs() < 1e-3).all():
            break
        x = x * 0.25
    return x.round()


def test_a_loop_is_driven_to_go_around_more_often() -> None:
    found = searched(Forward(spread), [torch.full((4,), 30.0)], "x=f32[4]{-100..75.5}")
    assert found.counterexamples
    (x,) = found.counterexamples[0].calls[0].args
    assert isinstance(x, torch.Tensor)
    assert x.sum() > 200


def test_a_loop_that_never_went_around_more_often_stays_open() -> None:
    found = searched(Forward(settles), [torch.full((4,), 0.9)], "x=f32[4]{-0.9..0.9}", budget=2.0)
    assert [record.open for record in found.branches] == [True]
    longer = searched(Forward(settles), [torch.full((4,), 0.01)], "x=f32[4]{-0.4..0.4}", budget=2.0)
    assert [record.open for record in longer.branches] == [False]


def dated(x: torch.Tensor) -> torch.Tensor:
    return (x.float() - 2000.0) / 50.0


def test_numbers_beside_scalars_are_run_as_a_deployment_runs_them() -> None:
    found = searched(Forward(dated), [torch.tensor(2011)], "x=i64[]{1990..2030}", budget=2.0)
    assert not found.counterexamples
    assert found.runs > 40


def no_live_row(x: torch.Tensor) -> torch.Tensor:
    dead = (x == -torch.inf).all(-1)
    if dead.any():
        x = torch.where(dead.unsqueeze(-1), torch.zeros_like(x), x)
    return x.softmax(-1)


def padded_row(x: torch.Tensor) -> torch.Tensor:
    lengths = x.sum(-1)
    if (lengths == 0).any() and not (lengths == 0).all():
        return x * 0.0
    return x * 1.0


@pytest.mark.parametrize(
    ("function", "example", "spec"),
    [
        (no_live_row, torch.ones(2, 3), "x=f32[2,3]{-20..0,inf}"),
        (padded_row, torch.ones(3, 12, dtype=torch.bool), "x=bool[3,12]"),
    ],
)
def test_a_row_of_one_value_is_tried(function: Callable[..., Any], example: torch.Tensor, spec: str) -> None:
    assert searched(Forward(function), [example], spec, budget=3.0).counterexamples


class Masked(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor, phase: torch.Tensor) -> torch.Tensor:
        if (x.masked_fill(~mask, 0.0).sum() + phase.abs().sum()) > 1e6:
            return x * 0
        return x * mask


def test_inputs_of_every_kind_are_pursued_to_the_end() -> None:
    inputs = [torch.ones(3), torch.ones(3, dtype=torch.bool), torch.ones(2, dtype=torch.complex64)]
    found = searched(Masked(), inputs, "x=f32[3]{-1..1}", "mask=bool[3]", "phase=c64[2]{-1..1}", budget=3.0)
    assert found.trouble is None
    assert not found.counterexamples


class Kept(nn.Module):
    """Keeps something from its first call on: a constant, the number of calls, or what the first call was."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.kept: Any = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.kind == "constant" and self.kept is None:
            self.kept = torch.arange(3.0)
        if self.kind == "count":
            self.kept = 1 if self.kept is None else self.kept + 1
        if self.kind == "first" and self.kept is None:
            self.kept = x.detach().clone()
        return x + torch.arange(3.0)


@pytest.mark.parametrize(("kind", "rests"), [("constant", True), ("count", False), ("first", False)])
def test_what_the_first_call_leaves_behind_rests_only_where_any_call_leaves_the_same(kind: str, rests: bool) -> None:
    found = searched(Kept(kind), [torch.ones(3)], budget=2)
    assert found.counterexamples == ()
    assert (found.resting > 0) is rests
    assert found.state_changes


def test_of_a_slow_model_every_size_is_run_before_anything_else() -> None:
    def slow(x: torch.Tensor) -> torch.Tensor:
        time.sleep(0.06)
        return x * 2

    found = searched(Forward(slow), [torch.ones(2)], "x=f32[N:1..3]", budget=4)
    assert found.sizes_complete
    assert found.complete_symbols == ("N",)
    assert "mixed" in found.runs_by_stage
    assert not found.exhausted
