"""A finding names the statement that decides on the state, and says where the state was changed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from torchassay.capture.artifact import Artifact
from torchassay.capture.trace import trace
from torchassay.explore.counterexample import Options
from torchassay.explore.search import search
from torchassay.findings.finding import Finding
from torchassay.inputs.call import Call
from torchassay.inputs.domain import build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.judge.judge import judge
from torchassay.sense.sense import sense
from torchassay.testing import subject_of

SOURCE = Path(__file__).read_text().splitlines()


class Cache(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.past: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.past is not None:  # decides: Cache
            x = torch.cat([self.past, x])[-5:]
        self.past = x  # changes: Cache
        return x.sum()


class Logged(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.calls == 1:
            print("second call")  # noqa: T201
        self.calls += 1  # changes: Logged
        return x * self.calls


class Tick(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tick = -1
        self.register_buffer("held", torch.zeros(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.tick += 1  # changes: Tick
        if self.tick % 3 == 0:  # decides: Tick
            self.held = x * 2
        return self.held - x


class Slots(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.queue: torch.Tensor
        self.at: torch.Tensor
        self.register_buffer("queue", torch.zeros(4))
        self.register_buffer("at", torch.zeros(1, dtype=torch.long))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        at = int(self.at)  # reads: Slots
        self.queue[at : at + 1] = x.sum()
        self.at[0] = (at + 1) % 4
        return self.queue * 1


class Dither(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.random = np.random.RandomState(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        noise = self.random.uniform(-1, 1, size=x.shape[-1])  # changes: Dither
        return x + torch.as_tensor(noise, dtype=torch.float32)


class Schedule:
    temperature = 2.0

    @classmethod
    def advance(cls) -> None:
        cls.temperature *= 0.5


class Annealed(nn.Module, Schedule):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x / type(self).temperature  # reads: Annealed
        Schedule.advance()
        return y


def line(mark: str, model: type[nn.Module]) -> int:
    (found,) = [number for number, text in enumerate(SOURCE, 1) if text.endswith(f"# {mark}: {model.__name__}")]
    return found


def found_in(model: nn.Module, example: torch.Tensor, specs: Sequence[str] = ()) -> list[Finding]:
    torch.set_num_threads(1)
    subject = subject_of(model)
    domain = build_domain(subject.parameters, [Call((example,))], [parse_input_spec(spec) for spec in specs])
    with tempfile.TemporaryDirectory() as folder:
        artifact = trace(subject, domain.examples[0], folder=Path(folder), timeout=60)
        assert isinstance(artifact, Artifact)
        exploration = search(subject, domain, artifact.path, Options(budget=4))
        findings = judge(subject, domain, sense(subject, domain.examples[0]), exploration)
    return [finding for finding in findings if finding.verdict in ("proved", "possible")]


def test_the_decision_on_a_cache_is_named_with_what_changes_it() -> None:
    (finding,) = found_in(Cache(), torch.ones(3))
    assert (finding.verdict, finding.code, finding.line) == ("proved", "TA106", line("decides", Cache))
    assert f"goes another way once line {line('changes', Cache)} has changed self.past" in finding.message


def test_the_decision_on_a_counter_is_named() -> None:
    (finding,) = found_in(Tick(), torch.ones(3))
    assert (finding.verdict, finding.line) == ("proved", line("decides", Tick))


def test_a_decision_that_only_logs_is_not_blamed_for_a_counter() -> None:
    (finding,) = found_in(Logged(), torch.ones(3))
    assert (finding.verdict, finding.line) == ("proved", line("changes", Logged))


def test_a_number_read_from_a_buffer_is_what_is_frozen() -> None:
    (finding,) = found_in(Slots(), torch.ones(3))
    assert (finding.verdict, finding.line) == ("proved", line("reads", Slots))


def test_an_attribute_of_a_base_class_is_state() -> None:
    (finding,) = found_in(Annealed(), torch.ones(3))
    assert (finding.verdict, finding.code, finding.line) == ("proved", "TA106", line("reads", Annealed))
    assert "has changed Schedule.temperature" in finding.message


def test_a_generator_of_numpy_that_the_model_owns_is_state() -> None:
    (finding,) = found_in(Dither(), torch.ones(1, 4), ["x=f32[B:1..3,4]"])
    assert (finding.verdict, finding.code, finding.line) == ("proved", "TA106", line("changes", Dither))
