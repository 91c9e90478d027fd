"""What can be looped over: fixed sequences are unrolled, others become loops over an index or a list."""

from __future__ import annotations

import ast
import collections
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.dispatch import choose_index, settle_choice
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.protocols import call_protocol
from torchassay.capture.rewrite.samples import attempt
from torchassay.capture.rewrite.sets import in_order, is_set
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    expression,
    kind_of,
    name,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

UNROLL_LIMIT = 40
_MOST_TAKEN = 4096  # items of an iterator


@dataclass(slots=True)
class Iteration(Value):
    """A sequence of a length known at run time: its length, its item at an index, and how to loop over it directly.

    `turns` are its first items, where it cannot have more and they hold objects that no variable can: modules, say.
    """

    length: ast.expr
    element: Callable[[ast.expr], Value]
    native: ast.expr | None = None
    item: Dynamic | None = None
    turns: list[Value] | None = None


def items_of(frame: Frame, value: Value) -> list[Value] | None:
    """The items of a sequence whose length is fixed; None for another one."""
    own = call_protocol(frame, value, "iter")
    if own is not None:
        return items_of(frame, own)
    if isinstance(value, Static):
        return _static_items(frame, value.data)
    if isinstance(value, Struct) and value.kind is not slice:
        return [Static(key) for key in value.keys] if value.kind is dict else list(value.items)
    if isinstance(value, Dynamic) and value.type.name == "Tuple":
        held = frame.once(value)
        assert isinstance(held, Dynamic)
        return [
            Dynamic(
                kind, ast.Subscript(held.code, ast.Constant(number), ast.Load()), held.sample[number] if held.known else MISSING
            )
            for number, kind in enumerate(value.type.args)
        ]
    return None


def _static_items(frame: Frame, data: Any) -> list[Value] | None:
    if isinstance(data, torch.Tensor) or (isinstance(data, range) and len(data) > UNROLL_LIMIT):
        return None
    if isinstance(
        data,
        (
            list,
            tuple,
            range,
            str,
            nn.ModuleList,
            nn.Sequential,
            nn.ParameterList,
            Mapping,
            nn.ModuleDict,
            nn.ParameterDict,
            set,
            frozenset,
            collections.deque,
        ),
    ):
        return [Static(item) for item in data]
    if hasattr(data, "__next__"):
        if frame.spec.cells.is_kept(data):
            raise Refused("an iterator that the model keeps is run to its end", "take its items with `next`")
        return [Static(item) for item in _taken(data)]
    if isinstance(data, type({}.keys())) or type(data).__name__ in (
        "odict_items",
        "odict_values",
        "odict_keys",
        "dict_items",
        "dict_values",
    ):
        return [Static(item) for item in data]
    return None


def _taken(iterator: Iterator[object]) -> list[object]:
    """What an iterator yields until its end, which an `itertools.cycle` does not have."""
    found = list(itertools.islice(iterator, _MOST_TAKEN + 1))
    if len(found) > _MOST_TAKEN:
        raise Refused("an iterator has no end, or none that is near", "take its items with `next`")
    return found


def iteration_of(frame: Frame, value: Value) -> Iteration:
    """A sequence of unknown length."""
    if isinstance(value, Iteration):
        return value
    if isinstance(value, Choice):
        value = settle_choice(frame, value)
    items = items_of(frame, value)
    if items is not None:
        return indexed(frame, items)
    if isinstance(value, Static) and isinstance(value.data, torch.Tensor):
        value = Dynamic(T.TENSOR, frame.code(value), value.data)
    if isinstance(value, Static) and isinstance(value.data, range):
        return range_iteration([Static(value.data.start), Static(value.data.stop), Static(value.data.step)], frame)
    if not isinstance(value, Dynamic):
        raise Refused("TorchScript cannot loop over this object", "loop over a list, a tensor or a range")
    return _dynamic(frame, value)


def _dynamic(frame: Frame, value: Dynamic) -> Iteration:
    if T.is_optional(value.type):
        value = Dynamic(T.bare(value.type), call("torch.jit._unwrap_optional", value.code), value.sample)
    if value.type.name == "Dict":
        keys = Dynamic(
            T.list_of(value.type.args[0]),
            expression("list(d.keys())", d=value.code),
            MISSING if not value.known else list(value.sample),
        )
        value = keys
    elif is_set(value):
        value = in_order(frame, value)
    held = frame.once(value)
    assert isinstance(held, Dynamic)
    first = _first(held)
    kind = held.type.args[0] if held.type.name == "List" else T.STR if held.type == T.STR else T.TENSOR
    return Iteration(
        call("len", held.code),
        lambda index: Dynamic(kind, ast.Subscript(held.code, index, ast.Load()), _sample_at(held, index, first)),
        held.code,
        Dynamic(kind, name("_"), first),
    )


def _sample_at(value: Dynamic, index: ast.expr, first: Any) -> Any:
    """The item at an index, where both are known; else the first stands for all."""
    if not value.known or not isinstance(index, ast.Constant):
        return first
    return attempt(lambda: value.sample[index.value])


def _first(value: Dynamic) -> Any:
    return attempt(lambda: value.sample[0]) if value.known else MISSING


def indexed(frame: Frame, items: list[Value]) -> Iteration:
    """A fixed sequence as a loop over its index: each turn selects its item."""
    held = [frame.once(item) for item in items]

    def element(index: ast.expr) -> Value:
        return _columns(frame, held, Dynamic(T.INT, index, 0))

    return Iteration(ast.Constant(len(items)), element)


def _columns(frame: Frame, items: list[Value], index: Dynamic) -> Value:
    """Item number `index`; tuples are selected part by part."""
    if all(isinstance(item, Static) and isinstance(item.data, tuple) for item in items):
        items = [
            Struct(tuple, list(range(len(item.data))), [Static(x) for x in item.data])
            for item in items
            if isinstance(item, Static)
        ]
    structs = [item for item in items if isinstance(item, Struct) and item.kind is tuple]
    if len(structs) == len(items) and len({len(item.items) for item in structs}) == 1:
        columns = zip(*(item.items for item in structs), strict=True)
        parts = [_columns(frame, list(column), index) for column in columns]
        return Struct(tuple, list(range(len(parts))), parts)
    if [item.data if isinstance(item, Static) else None for item in items] == list(range(len(items))):
        return index
    return choose_index(frame, items, index)


def range_iteration(values: list[Value], frame: Frame) -> Iteration:
    """`range(…)` with bounds known at run time."""
    codes = [_whole(frame, value) for value in values]
    start, stop, step = _bounds(codes)
    samples = [sample_of(value) for value in values]
    known = not any(sample is MISSING for sample in samples)
    numbers: Any = attempt(lambda: range(*[int(sample) for sample in samples])) if known else MISSING
    first = (numbers[0] if len(numbers) else int(numbers.start)) if numbers is not MISSING else MISSING
    native = call("range", *codes)
    length = expression("max(0, (b - a + c - (1 if c > 0 else -1)) // c)", a=start, b=stop, c=step)
    if isinstance(step, ast.Constant) and step.value == 1:
        length = stop if isinstance(start, ast.Constant) and start.value == 0 else expression("max(0, b - a)", a=start, b=stop)
    return Iteration(
        length,
        lambda index: Dynamic(T.INT, expression("a + i * c", a=start, i=index, c=step), first),
        native,
        Dynamic(T.INT, name("_"), first),
    )


def _whole(frame: Frame, value: Value) -> ast.expr:
    code = frame.code(value)
    return call("int", code) if T.is_tensor(kind_of(value)) else code


def _bounds(codes: list[ast.expr]) -> tuple[ast.expr, ast.expr, ast.expr]:
    if len(codes) == 1:
        return ast.Constant(0), codes[0], ast.Constant(1)
    return codes[0], codes[1], codes[2] if len(codes) > 2 else ast.Constant(1)


def enumerate_values(frame: Frame, value: Value, start: int = 0) -> Value:
    items = items_of(frame, value)
    if items is not None:
        pairs: list[Value] = [Struct(tuple, [0, 1], [Static(number), item]) for number, item in enumerate(items, start)]
        return Struct(list, list(range(len(pairs))), pairs)
    inner = iteration_of(frame, value)

    def element(index: ast.expr) -> Value:
        count = index if start == 0 else ast.BinOp(index, ast.Add(), ast.Constant(start))
        return Struct(tuple, [0, 1], [Dynamic(T.INT, count, start), inner.element(index)])

    turns = inner.turns and [Struct(tuple, [0, 1], [Static(number), item]) for number, item in enumerate(inner.turns, start)]
    return Iteration(inner.length, element, turns=turns)


def zip_values(frame: Frame, values: list[Value]) -> Value:
    listed = [items_of(frame, value) for value in values]
    if all(items is not None for items in listed):
        rows = list(zip(*(items for items in listed if items is not None), strict=False))
        pairs: list[Value] = [Struct(tuple, list(range(len(row))), list(row)) for row in rows]
        return Struct(list, list(range(len(pairs))), pairs)
    inner = [iteration_of(frame, value) for value in values]
    length = inner[0].length
    for other in inner[1:]:
        length = call("min", length, other.length)
    return Iteration(
        length,
        lambda index: Struct(tuple, list(range(len(inner))), [item.element(index) for item in inner]),
        turns=_turns(frame, listed, inner),
    )


def _turns(frame: Frame, listed: list[list[Value] | None], inner: list[Iteration]) -> list[Value] | None:
    """The rows of a `zip` of fixed sequences with others; None where a variable can hold what is fixed."""
    fixed = [items for items in listed if items is not None]
    count = min((len(items) for items in fixed), default=UNROLL_LIMIT + 1)
    if count > UNROLL_LIMIT or all(frame.lower(item) is not None for items in fixed for item in items):
        return None
    columns = [
        items[:count] if items is not None else [other.element(ast.Constant(number)) for number in range(count)]
        for items, other in zip(listed, inner, strict=True)
    ]
    return [Struct(tuple, list(range(len(row))), list(row)) for row in zip(*columns, strict=True)]


def reversed_values(frame: Frame, value: Value) -> Value:
    items = items_of(frame, value)
    if items is not None:
        return Struct(list, list(range(len(items))), items[::-1])
    if isinstance(value, Dynamic) and value.type.name == "List":
        backwards = list(reversed(value.sample)) if value.known else MISSING
        return Dynamic(value.type, expression("items[::-1]", items=value.code), backwards)
    inner = iteration_of(frame, value)
    count = frame.fresh()
    frame.assign(count, inner.length)
    return Iteration(name(count), lambda index: inner.element(expression("n - 1 - i", n=name(count), i=index)), None, None)
