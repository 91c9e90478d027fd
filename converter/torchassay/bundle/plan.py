"""What to record: cases, each a list of calls on one fresh model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from torchassay.inputs.call import Call

CaseKind: TypeAlias = Literal["example", "sampled", "boundary", "counterexample"]


@dataclass(frozen=True, slots=True)
class CasePlan:
    """A case before it is recorded. `seed` sets torch's random numbers before the first call."""

    name: str
    kind: CaseKind
    calls: tuple[Call, ...]
    seed: int = 0
    note: str | None = None
