"""Facts: what survives when specialisation starts again."""

from __future__ import annotations

import dataclasses
from typing import Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.homes import Step


@dataclasses.dataclass(slots=True)
class Facts:
    """Attributes that change while the model runs, items of empty lists, with their types."""

    state: dict[tuple[str, str], T.Type] = dataclasses.field(default_factory=dict)
    traced: dict[str, tuple[Any, ...]] = dataclasses.field(default_factory=dict)
    shared: dict[int, tuple[str, Any]] = dataclasses.field(default_factory=dict)
    variables: dict[tuple[str, str], str] = dataclasses.field(default_factory=dict)
    changed: set[tuple[str, str, str]] = dataclasses.field(default_factory=set)
    empty: dict[tuple[str, int, int], T.Type] = dataclasses.field(default_factory=dict)
    selections: dict[tuple[str, str], list[Any]] = dataclasses.field(default_factory=dict)
    homes: dict[tuple[str, str], tuple[Step, ...]] = dataclasses.field(default_factory=dict)
