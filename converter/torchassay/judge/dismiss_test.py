"""Reasons that need no run: what may be taken for granted, and of whom."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from torchassay.explore.counterexample import Exploration
from torchassay.inputs.call import Call
from torchassay.inputs.domain import build_domain
from torchassay.judge.dismiss import Evidence, reason
from torchassay.sense.leak import Frame, Leak
from torchassay.source.statement import Statement
from torchassay.testing import subject_of

_STATEMENT = Statement("m.py", 3, 3, 0, "if os.environ.get('FAST'):", "if")


def asked(kind: str, origin: str) -> Leak:
    frame = Frame("m.py", 3, "forward", "", origin)
    return Leak(kind, "TA107", "", (frame,), _STATEMENT, taint=frozenset((f"world:{kind}",)))


@pytest.mark.parametrize(
    ("leak", "runs", "harmless"),
    [
        (asked("environment", "package"), 0, True),
        (asked("environment", "user"), 0, False),
        (asked("clock", "package"), 0, False),
        (asked("tracing", "package"), 4, True),
        (asked("tracing", "user"), 1, False),
    ],
)
def test_settings_of_packages_and_questions_about_tracing(leak: Leak, runs: int, harmless: bool) -> None:
    domain = build_domain(subject_of(nn.Identity()).parameters, (Call((torch.ones(2),)),), ())
    assert (reason(leak, Evidence(domain, Exploration(runs=runs))) is not None) == harmless
