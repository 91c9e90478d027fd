"""What `convert` was asked to do, as it travels from the parent to the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

MODES = ("auto", "trace", "script", "hybrid")
DEFAULT_CASES = 4
DEFAULT_BUDGET = 20.0
DEFAULT_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one conversion.

    `created` is UTC; `timeout` limits one step of the user's code, in seconds; `memory` is bytes, or None for what
    the machine has to spare.
    """

    model: str
    output: str
    created: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    weights: str | None = None
    method: str = "forward"
    inputs: tuple[str, ...] = ()
    inputs_from: str | None = None
    mode: str = "auto"
    cases: int = DEFAULT_CASES
    seed: int = 0
    budget: float = DEFAULT_BUDGET
    timeout: float = DEFAULT_TIMEOUT
    memory: int | None = None
    record_submodules: bool = False
    scratch: str | None = None  # folders that the parent removes, however the worker ends
    staging: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Request:
        known = {f.name: data[f.name] for f in fields(Request) if f.name in data}
        known["inputs"] = tuple(known.get("inputs", ()))
        return Request(**known)
