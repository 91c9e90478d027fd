"""Tracing: arguments that the tracer refuses, results that it cannot return, and the state that it must not change."""

import copy
import faulthandler
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from torchassay.capture.arguments import plain
from torchassay.capture.artifact import Artifact, CaptureFailure
from torchassay.capture.testing import subject_of
from torchassay.capture.trace import trace
from torchassay.inputs.call import Call

warnings.simplefilter("ignore")


class Pair(NamedTuple):
    left: torch.Tensor
    right: torch.Tensor


@dataclass
class Record:
    value: torch.Tensor
    note: Any = None


def captured(model: Any, call: Any, tmp_path: Path, method: str = "forward") -> tuple[Artifact, Any]:
    artifact = trace(subject_of(model, method), call, folder=tmp_path, timeout=60)
    assert isinstance(artifact, Artifact), artifact
    return artifact, torch.jit.load(str(artifact.path))


class Counting(nn.Module):
    seen: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))
        self.norm = nn.BatchNorm1d(2)

    def forward(self, x: Any) -> Any:
        self.seen.add_(1)
        return self.norm(x) + self.seen


def test_the_saved_state_is_the_untouched_one(tmp_path: Path) -> None:
    model = Counting()
    _, script = captured(model, Call((torch.ones(3, 2),)), tmp_path)
    assert script.seen.item() == 0
    assert model.seen.item() == 0
    assert {key: value.tolist() for key, value in script.state_dict().items()} == {
        key: value.tolist() for key, value in model.state_dict().items()
    }


class Scaled(nn.Module):
    def forward(self, x: Any, times: int, mode: str = "a", mask: Any = None) -> Any:
        return x * times if mode == "a" and mask is None else x


def test_arguments_that_are_no_tensors_are_frozen_and_other_values_refused(tmp_path: Path) -> None:
    artifact, script = captured(Scaled(), Call((torch.ones(2), 3), {"mode": "a", "mask": None}), tmp_path)
    assert script(torch.ones(2), 3, "a", None).tolist() == [3.0, 3.0]
    assert [note.argument for note in artifact.notes] == ["times", "mode", "mask"]
    with pytest.raises(torch.jit.Error, match="`times` was frozen at 3 by tracing"):
        script(torch.ones(2), 4, "a", None)


class Reordered(nn.Module):
    def forward(self, first: Any, _second: Any = None, third: Any = None) -> Any:
        return first - third


def test_keyword_arguments_keep_their_names(tmp_path: Path) -> None:
    _, script = captured(Reordered(), Call((torch.ones(2),), {"third": torch.zeros(2)}), tmp_path)
    assert script(first=torch.ones(2), third=torch.ones(2)).tolist() == [0.0, 0.0]


class Various(nn.Module):
    def __init__(self, make: Any) -> None:
        super().__init__()
        self.make = make

    def forward(self, x: Any) -> Any:
        return self.make(x)


def none_inside(x: Any) -> Any:
    return x * 2, None


def mixed_dict(x: Any) -> Any:
    return {"out": x, "items": [x, x + 1], "count": 2, "nothing": None}


def named(x: Any) -> Any:
    return Pair(x, x * 2)


def record(x: Any) -> Any:
    return Record(x * 2)


@pytest.mark.parametrize("make", [none_inside, mixed_dict, named])
def test_results_come_back_in_their_structure(make: Any, tmp_path: Path) -> None:
    _, script = captured(Various(make), Call((torch.ones(2),)), tmp_path)
    got, expected = script(torch.full((2,), 3.0)), make(torch.full((2,), 3.0))
    assert str(got) == str(expected)


def test_a_data_class_becomes_a_named_tuple_and_says_so(tmp_path: Path) -> None:
    artifact, script = captured(Various(record), Call((torch.ones(2),)), tmp_path)
    assert script(torch.ones(2)).value.tolist() == [2.0, 2.0]
    assert [note.code for note in artifact.notes] == ["TA108"]


class Fields(nn.Module):
    def forward(self, pair: Any, options: Any) -> Any:
        return pair.left * pair.right + options["bias"]


def test_named_tuples_and_dicts_go_in(tmp_path: Path) -> None:
    call = Call((Pair(torch.ones(2), torch.ones(2)), {"bias": torch.ones(2), "unused": torch.ones(1)}))
    _, script = captured(Fields(), call, tmp_path)
    ready = plain(call)
    assert script(*ready.args).tolist() == [2.0, 2.0]


class Doubling(torch.autograd.Function):
    @staticmethod
    def forward(_ctx: Any, x: Any) -> Any:
        return x * 2

    @staticmethod
    def backward(_: Any, grad: Any) -> Any:
        return grad * 2


class Custom(nn.Module):
    def forward(self, x: Any) -> Any:
        return Doubling.apply(copy.deepcopy(x))  # type: ignore[no-untyped-call]


def test_autograd_functions_and_copies_are_traced_through(tmp_path: Path) -> None:
    _, script = captured(Custom(), Call((torch.ones(2),)), tmp_path)
    assert script(torch.full((2,), 4.0)).tolist() == [8.0, 8.0]


class Caught(nn.Module):
    def forward(self, x: Any) -> Any:
        try:
            return x.view(7)
        except RuntimeError:
            return x * 2


@pytest.fixture
def quiet_faults() -> Any:
    faulthandler.disable()
    yield
    faulthandler.enable()


@pytest.mark.usefixtures("quiet_faults")
def test_a_crash_of_the_tracer_is_a_failure(tmp_path: Path) -> None:
    found = trace(subject_of(Caught()), Call((torch.ones(3),)), folder=tmp_path, timeout=60)
    assert isinstance(found, CaptureFailure)
    assert found.kind == "crash"
    assert found.message == "the trace crashed with SIGSEGV"


class Several(nn.Module):
    def forward(self, x: Any) -> Any:
        return x

    def encode(self, x: Any, _scale: Any = None) -> Any:
        return x * 3


def test_another_method_is_exported_under_its_name(tmp_path: Path) -> None:
    _, script = captured(Several(), Call((torch.ones(2),)), tmp_path, method="encode")
    assert script.encode(torch.ones(2)).tolist() == [3.0, 3.0]


def test_torchscript_switched_off_is_switched_on_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.jit._state._enabled, "enabled", False)
    artifact = trace(subject_of(Reordered()), Call((torch.ones(2),), {"third": torch.ones(2)}), folder=tmp_path)
    assert isinstance(artifact, Artifact)
    assert "PYTORCH_JIT=0" in artifact.notes[0].message


class Cached(nn.Module):
    def forward(self, x: Any) -> Any:
        return x, object()


def test_a_result_without_a_type_names_its_place(tmp_path: Path) -> None:
    found = trace(subject_of(Cached()), Call((torch.ones(2),)), folder=tmp_path, timeout=60)
    assert isinstance(found, CaptureFailure)
    assert found.message == "`output[1]` holds an `object`, which TorchScript has no type for"
