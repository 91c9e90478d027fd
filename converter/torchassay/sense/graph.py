"""Questions to the tracer's graph while it grows. Only valid while tracing: outside, PyTorch crashes when asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

_NODES = 64


def reaches(source: torch.Tensor, result: torch.Tensor) -> bool:
    """True where the recorded call that made `result` uses `source`; also where that cannot be told."""
    if torch._C._get_tracing_state() is None:
        return True
    value_of: Callable[[torch.Tensor], Any] = torch._C._get_value_trace  # type: ignore[attr-defined]
    wanted = value_of(source).debugName()
    value = value_of(result)
    if value.node().kind() == "prim::Param":
        return True
    pending: list[Any] = [value]
    seen: set[str] = set()
    while pending and len(seen) < _NODES:
        value = pending.pop()
        name = value.debugName()
        if name == wanted:
            return True
        if name not in seen:
            seen.add(name)
            pending.extend(value.node().inputs())
    return len(seen) >= _NODES
