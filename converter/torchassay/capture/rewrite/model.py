"""Rewrites a model: specialises it as often as new facts turn up, then compiles the result."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.keeping import Keeper
from torchassay.capture.rewrite import (
    binding,
    calls,
    classes,
    combining,
    comprehensions,
    contexts,
    displays,
    exceptions,
    expressions,
    loops,
    making,
    matching,
    methods,
    numeric,
    objects,
    operators,
    sequences,
    statements,
    texts,
    torch_calls,
)
from torchassay.capture.rewrite.build import Built, build
from torchassay.capture.rewrite.cells import outside
from torchassay.capture.rewrite.entry import enter
from torchassay.capture.rewrite.errors import Refused, Restart
from torchassay.capture.rewrite.facts import Facts
from torchassay.capture.rewrite.specialise import Specialiser

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from torchassay.inputs.call import Call

FUNCTIONS = (classes, combining, making, numeric, objects, sequences, torch_calls)  # imported to fill the table
SYNTAX = (
    binding,
    calls,
    comprehensions,
    contexts,
    displays,
    exceptions,
    expressions,
    loops,
    matching,
    methods,
    operators,
    statements,
    texts,
)  # imported to register their handlers
RESTARTS = 40
RECURSION = 6000


def rewrite_module(
    make: Callable[[], nn.Module], method: str, calls: Sequence[Call], folder: Path, *, trace_leaves: bool = False
) -> Built:
    """A scripted module that does what `make().method` does on calls like these; raises Refused, or TorchScript's own.

    `make` returns an untouched copy of the model each time.
    """
    problems: list[Exception] = []
    for expose in (True, False):
        try:
            return _attempt(make, method, calls, folder, expose, trace_leaves)
        except (Refused, RuntimeError) as error:
            problems.append(error)
    raise problems[0]


def _attempt(
    make: Callable[[], nn.Module], method: str, calls: Sequence[Call], folder: Path, expose: bool, trace_leaves: bool
) -> Built:
    facts = Facts()
    for _ in range(RESTARTS):
        sample = make()
        keeper = Keeper(sample, outside(sample))
        spec = Specialiser(sample, facts, trace_leaves=trace_leaves)
        try:
            with torch.no_grad(), deep_recursion():
                entry = enter(spec, method, [call.clone() for call in calls], expose=expose)
        except Restart:
            keeper.restore()
            continue
        keeper.restore()
        return build(spec, make(), entry, folder)
    raise Refused("the model's state does not settle", "keep less state in the model")


@contextlib.contextmanager
def deep_recursion() -> Any:
    """Room for deeply nested specialisation."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
