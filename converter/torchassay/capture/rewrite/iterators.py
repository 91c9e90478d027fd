"""`next` of an iterator in a variable: the variable holds what is left."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite.evaluator import evaluate
from torchassay.capture.rewrite.iteration import items_of
from torchassay.capture.rewrite.lists import listed
from torchassay.capture.rewrite.subscripts import subscript
from torchassay.capture.rewrite.table import FUNCTIONS
from torchassay.capture.rewrite.values import Static, Struct, Value

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def take_next(frame: Frame, text: str, default: list[Value]) -> Value:
    """`next(text, *default)`."""
    value = frame.once(listed(frame, evaluate(frame, ast.Name(text, ast.Load()))))
    items = items_of(frame, value)
    found = FUNCTIONS[next](frame, [value, *default], {})
    if items is not None:
        frame.bind(text, Struct(list, list(range(len(items[1:]))), items[1:]))
        return found
    held = frame.temp(found)
    frame.bind(text, subscript(frame, value, Static(slice(1, None))))
    return held
