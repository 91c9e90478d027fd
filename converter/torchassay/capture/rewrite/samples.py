"""Samples: what recorded values give, computed beside the code of a value."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.values import MISSING, Dynamic


def attempt(function: Callable[[], Any]) -> Any:
    """A sample computed on recorded values; MISSING when it cannot be."""
    try:
        with torch.no_grad():
            return function()
    except Exception:  # whatever a user's values make an operator raise
        return MISSING


def sampled(code: ast.expr, sample: Any, kind: T.Type | None = None) -> Dynamic:
    """A dynamic value whose type follows from its sample."""
    found = kind or (T.UNKNOWN if sample is MISSING else T.type_of(sample))
    return Dynamic(found, code, sample)
