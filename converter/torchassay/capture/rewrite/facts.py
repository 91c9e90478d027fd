"""Facts: what survives when specialisation starts again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.homes import Step

Key = tuple[Any, ...]  # what a shared value is known under in every copy of the model


@dataclasses.dataclass(slots=True)
class Shared:
    """State that no module owns: the module that holds it, under which attribute, and the modules that it is part of.

    `read` tells what it starts with; None for the variable of a closure that each copy of the model makes anew.
    """

    name: str
    label: str
    hosts: list[str]
    read: Callable[[], Any] | None


@dataclasses.dataclass(slots=True)
class Facts:
    """Attributes that change while the model runs, items of empty lists, with their types."""

    state: dict[tuple[str, str], T.Type] = dataclasses.field(default_factory=dict)
    traced: dict[str, tuple[Any, ...]] = dataclasses.field(default_factory=dict)
    cells: dict[Key, Shared] = dataclasses.field(default_factory=dict)
    changed: set[tuple[str, str, str]] = dataclasses.field(default_factory=set)
    empty: dict[tuple[str, int, int], T.Type] = dataclasses.field(default_factory=dict)
    selections: dict[tuple[str, str], list[Any]] = dataclasses.field(default_factory=dict)
    homes: dict[tuple[str, str], tuple[Step, ...]] = dataclasses.field(default_factory=dict)
