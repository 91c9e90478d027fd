"""A pursuit ends when the time is over."""

from __future__ import annotations

from typing import Any

import torch

from torchassay.explore.directed import Director
from torchassay.explore.space import Space
from torchassay.inputs.call import Call
from torchassay.inputs.domain import build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.testing import subject_of


class Refusing:
    """Stands for a listener that must not be asked to run anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"asked for {name}")


def test_no_call_is_run_once_the_time_is_over() -> None:
    subject = subject_of(torch.nn.Identity())
    domain = build_domain(subject.parameters, (Call((torch.ones(2),)),), [parse_input_spec("input=f32[2]{-1..1}")])
    director = Director(Space(domain, 0), Refusing(), lambda _call, _base: None, lambda: True)  # type: ignore[arg-type]
    assert not director.restart((0, True), 24)
