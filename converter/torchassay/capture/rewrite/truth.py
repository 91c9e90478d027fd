"""Truth: a value as a condition, and a condition as a value."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.coerce import truth
from torchassay.capture.rewrite.dispatch import dispatch
from torchassay.capture.rewrite.homes import is_changed
from torchassay.capture.rewrite.protocols import call_protocol
from torchassay.capture.rewrite.values import MISSING, Choice, Dynamic, Static, Struct, Value, call, sample_of

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


Refinements = dict[Any, T.Type]


@dataclass(slots=True)
class Test:
    """A condition: decided (`known`), or code with what holds on either side."""

    code: ast.expr
    known: bool | None = None
    taken: bool | None = None
    when_true: Refinements = field(default_factory=dict)
    when_false: Refinements = field(default_factory=dict)

    @property
    def facts(self) -> tuple[Refinements, Refinements]:
        return self.when_true, self.when_false


def decided(value: bool) -> Test:
    return Test(ast.Constant(value), known=value, taken=value)


def test_value(frame: Frame, value: Value) -> Test:
    """A value as a condition."""
    if isinstance(value, Choice):
        return test_value(frame, dispatch(frame, value, lambda option: as_value(test_value(frame, option))))
    if (own := _own_truth(frame, value)) is not None:
        return test_value(frame, own)
    if isinstance(value, Static) and not isinstance(value.data, torch.Tensor):
        return decided(bool(value.data))
    if isinstance(value, Struct):
        return decided(bool(value.items) if value.kind in (tuple, list, dict) else True)
    if not isinstance(value, (Dynamic, Static)):
        return decided(True)
    kind = value.type if isinstance(value, Dynamic) else T.TENSOR
    held = frame.once(value) if T.is_optional(kind) else value
    code = truth(frame.code(held), kind)
    if isinstance(code, ast.Constant):
        return decided(bool(code.value))
    facts: Refinements = {}
    if isinstance(value, Dynamic) and value.place is not None and T.is_optional(kind):
        facts[value.place] = T.bare(kind)
    return Test(code, None, _sample_truth(value), facts, {})


def _own_truth(frame: Frame, value: Value) -> Value | None:
    """What the class of an object says about its truth."""
    if isinstance(value, Static):
        has_own = is_changed(frame, value.data)
    else:
        has_own = isinstance(value, Struct) and isinstance(value.kind, type)
    if not has_own:
        return None
    found = call_protocol(frame, value, "bool")
    return found if found is not None else call_protocol(frame, value, "len")


def as_value(test: Test) -> Value:
    """A condition as a plain truth value."""
    if test.known is not None:
        return Static(test.known)
    return Dynamic(T.BOOL, call("bool", test.code), MISSING if test.taken is None else test.taken)


def _sample_truth(value: Value) -> bool | None:
    sample = sample_of(value)
    if sample is MISSING:
        return None
    try:
        return bool(sample)
    except Exception:
        return None
