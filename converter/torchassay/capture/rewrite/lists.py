"""Lists: what can be looped over, made into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.evaluator import call_method
from torchassay.capture.rewrite.iteration import Iteration, items_of
from torchassay.capture.rewrite.turns import loop_over
from torchassay.capture.rewrite.values import MISSING, Dynamic, Static, Struct, Value, expression, kind_of, tuple_value

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def comprehension_list(frame: Frame, value: Iteration) -> Value:
    """A lazy sequence made into a list."""
    target = frame.fresh()
    made: list[T.Type] = []
    frame.mutated.add(target)
    frame.bind(target, Struct(list, [], []))

    def body(item: Value) -> None:
        made.append(kind_of(item))
        call_method(frame, frame.refine(frame.env[target]), "append", [item], {})

    loop_over(frame, value, body, [target])
    return frame.env[target]


def listed(frame: Frame, value: Value) -> Value:
    """A value that can be passed where a list is wanted."""
    if isinstance(value, Iteration):
        return comprehension_list(frame, value)
    if isinstance(value, Struct) and value.kind is dict:
        return tuple_value([Static(key) for key in value.keys])
    if isinstance(value, Dynamic) and value.type.name == "Dict":
        found = list(value.sample) if value.known else MISSING
        return Dynamic(T.list_of(value.type.args[0]), expression("list(d.keys())", d=value.code), found)
    if isinstance(value, Static) and not isinstance(value.data, (list, tuple, torch.Tensor)):
        items = items_of(frame, value)
        if items is not None:
            return Struct(list, list(range(len(items))), items)
    return value
