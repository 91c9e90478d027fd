"""Mixes of tracing and scripting, and the order in which they are offered."""

import warnings
from pathlib import Path
from typing import Any

import torch

from torchassay.capture.artifact import Artifact, CaptureFailure
from torchassay.capture.candidates import candidates, plans
from torchassay.capture.hybrid import Plan, hybrid, rewrite
from torchassay.capture.testing import imported, subject_of
from torchassay.inputs.call import Call
from torchassay.sense.leak import Frame, Leak
from torchassay.source.statement import Statement

warnings.simplefilter("ignore")
SOURCE = """import torch
from torch import nn


def choose(x):
    if x.sum() > 0:
        return x * 2
    return x - 1


class Gate(nn.Module):
    def forward(self, x):
        return x * 2 if x.sum() > 0 else x - 1


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.options = object()
        self.gate = Gate()

    def forward(self, x):
        return self.gate(x + 1)


class Loose(nn.Module):
    def __init__(self):
        super().__init__()
        self.options = object()

    def forward(self, x):
        return choose(x + 1)


class Listed(nn.Module):
    def forward(self, x):
        return sum(row for row in x if row.sum() > 0)


class Holder(nn.Module):
    def __init__(self):
        super().__init__()
        self.listed = Listed()
        self.options = object()

    def forward(self, x):
        return self.listed(x) + 1
"""


def room(tmp_path: Path) -> Any:
    return imported(tmp_path / "hybrid_models.py", SOURCE)


def leak_at(path: Any, function: Any, file: Any = "model.py") -> Any:
    frame = Frame(file, 3, function, path)
    return Leak("bool", "TA101", "True", (frame,), Statement(file, 3, 3, 0, "if x:", "if"), taint=frozenset({"value:x"}))


EXAMPLE = Call((torch.ones(2, 2),))
OTHER = -3 * torch.ones(2, 2)


def loaded(found: Any) -> Any:
    assert isinstance(found, Artifact), found
    return torch.jit.load(str(found.path))


def test_a_scripted_submodule_decides_inside_a_traced_model(tmp_path: Path) -> None:
    model = room(tmp_path).Outer()
    found: Any = hybrid(subject_of(model), [EXAMPLE], Plan(paths=("gate",)), folder=tmp_path)
    assert torch.equal(loaded(found)(OTHER), model(OTHER))
    assert [(item.path, item.mode) for item in found.submodules] == [("", "trace"), ("gate", "script")]


def test_a_helper_function_is_scripted_while_the_rest_is_traced(tmp_path: Path) -> None:
    module = room(tmp_path)
    original, model = module.choose, module.Loose()
    found: Any = hybrid(subject_of(model), [EXAMPLE], Plan(functions=(("hybrid_models", "choose"),)), folder=tmp_path)
    assert torch.equal(loaded(found)(OTHER), model(OTHER))
    assert module.choose is original


def test_a_submodule_that_does_not_compile_is_rewritten(tmp_path: Path) -> None:
    model = room(tmp_path).Holder()
    plain = hybrid(subject_of(model), [EXAMPLE], Plan(paths=("listed",)), folder=tmp_path)
    assert isinstance(plain, CaptureFailure)
    found: Any = hybrid(subject_of(model), [EXAMPLE], Plan(paths=("listed",), rewritten=True), folder=tmp_path)
    other = torch.tensor([[1.0, 2.0], [-3.0, 1.0], [4.0, 4.0]])
    assert torch.equal(loaded(found)(other), model(other))
    assert "+++ rewritten forward" in found.diff


def test_a_whole_model_is_rewritten_with_a_diff(tmp_path: Path) -> None:
    model = room(tmp_path).Loose()
    found: Any = rewrite(subject_of(model), [EXAMPLE], folder=tmp_path)
    assert torch.equal(loaded(found)(OTHER), model(OTHER))
    assert found.mode == "script"
    assert found.diff.startswith("--- hybrid_models.py:")


def test_plans_grow_around_the_leaks() -> None:
    leaks = [leak_at("net.block.gate", "forward"), leak_at("net.block.head", "forward")]
    titles = [plan.title for plan in plans(leaks)]
    assert titles == [
        "`net.block.gate`, `net.block.head` scripted, the rest traced",
        "`net.block.gate`, `net.block.head` rewritten and scripted, the rest traced",
        "`net.block` scripted, the rest traced",
        "`net.block` rewritten and scripted, the rest traced",
        "`net` scripted, the rest traced",
        "`net` rewritten and scripted, the rest traced",
    ]


def test_leaks_in_the_root_leave_only_whole_candidates(tmp_path: Path) -> None:
    offered = candidates(subject_of(room(tmp_path).Loose()), [EXAMPLE], [leak_at("", "forward")], lambda: tmp_path)
    assert [item.title for item in offered] == [
        "the whole model scripted",
        "the whole model rewritten and scripted",
        "the model rewritten and scripted, what resists traced",
    ]


REPAIRED = """\
import functools

import torch
from torch import nn


def doubled(function):
    @functools.wraps(function)
    def wrapper(self, x):
        return function(self, x) * 2

    return wrapper


class Decorated(nn.Module):
    @doubled
    def forward(self, x):
        return x + 1 if x.sum() > 0 else x - 1


class Experts(nn.Module):
    def __init__(self):
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))

    def forward(self, x):
        return self.experts[int(x.sum().abs()) % 3](x)


class Body(nn.Module):
    def __init__(self):
        super().__init__()
        self.leaf = nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))

    def forward(self, x):
        return self.leaf(x) if x.sum() > 0 else x
"""


def rewritten(name: str, tmp_path: Path) -> tuple[Any, Any]:
    model = getattr(imported(tmp_path / "repaired_models.py", REPAIRED), name)()
    return model, rewrite(subject_of(model), [EXAMPLE], folder=tmp_path)


def test_a_decorator_that_scripting_drops_is_kept(tmp_path: Path) -> None:
    model, found = rewritten("Decorated", tmp_path)
    scripted = torch.jit.script(model)
    assert not torch.equal(scripted(OTHER), model(OTHER))
    assert torch.equal(loaded(found)(OTHER), model(OTHER))


def test_a_dynamic_module_index_becomes_a_chain_of_tests(tmp_path: Path) -> None:
    model, found = rewritten("Experts", tmp_path)
    for size in range(6):
        x = torch.full((1, 2), size / 2)
        assert torch.equal(loaded(found)(x), model(x))
    assert "getattr(self.experts, '2')" in found.diff


def test_a_leaf_that_does_not_script_is_traced_in_a_scripted_body(tmp_path: Path) -> None:
    model, found = rewritten("Body", tmp_path)
    assert torch.allclose(loaded(found)(-OTHER), model(-OTHER))
    assert torch.equal(loaded(found)(OTHER), OTHER)
    assert [(item.path, item.mode) for item in found.submodules][:2] == [("", "script"), ("leaf", "trace")]
