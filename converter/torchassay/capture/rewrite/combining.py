"""Python's `itertools`: over fixed sequences they run at once, over others as loops."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import library
from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_value
from torchassay.capture.rewrite.iteration import items_of
from torchassay.capture.rewrite.lists import listed
from torchassay.capture.rewrite.operators import binary
from torchassay.capture.rewrite.subscripts import subscript
from torchassay.capture.rewrite.table import FUNCTIONS, lowers, static_call
from torchassay.capture.rewrite.values import Dynamic, Static, Struct, Value, call, kind_of, sample_of, tuple_value

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def _list_of(items: list[Value]) -> Struct:
    return Struct(list, list(range(len(items))), items)


def _rows(rows: Any) -> Value:
    return _list_of([tuple_value(list(row)) for row in rows])


def _open(frame: Frame, value: Value) -> Value:
    """A list that a function of the library can index."""
    found = listed(frame, value)
    if isinstance(found, Dynamic) and T.is_tensor(found.type):
        found = FUNCTIONS[list](frame, [found], {})
    if isinstance(found, Struct):
        found = frame.container(_list_of(list(found.items))) or found
    if not isinstance(found, Dynamic) or found.type.name != "List":
        raise Refused("this object cannot be combined in TorchScript", "make a list of numbers or tensors first")
    return frame.once(found)


def _fixed(frame: Frame, value: Value) -> list[Value] | None:
    items = items_of(frame, listed(frame, value))
    return None if items is None else [frame.once(item) for item in items]


@lowers(itertools.combinations)
def _combinations(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    size = sample_of(args[1] if len(args) > 1 else kwargs["r"])
    items = _fixed(frame, args[0])
    if items is not None:
        return _rows(itertools.combinations(items, size))
    known: dict[int, Callable[..., Any]] = {2: library.pairs, 3: library.triples}
    if size not in known:
        raise Refused(f"combinations of {size} out of a list of unknown length", "write the loops")
    return frame.spec.specialise(known[size], {"values": _open(frame, args[0])}, frame)


@lowers(itertools.permutations)
def _permutations(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = _fixed(frame, args[0])
    if items is None:
        raise Refused("permutations of a list of unknown length", "write the loops")
    return _rows(itertools.permutations(items, *map(sample_of, args[1:])))


@lowers(itertools.product)
def _product(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    repeat = sample_of(kwargs.get("repeat", Static(1)))
    listed_args = [_fixed(frame, item) for item in args] * repeat
    if all(items is not None for items in listed_args):
        return _rows(itertools.product(*(items for items in listed_args if items is not None)))
    sides = list(args) * repeat
    if len(sides) != 2:
        raise Refused("a product of several lists of unknown length", "write the loops")
    left, right = _open(frame, sides[0]), _open(frame, sides[1])
    return frame.spec.specialise(library.crossed, {"left": left, "right": right}, frame)


@lowers(itertools.pairwise)
def _pairwise(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = _fixed(frame, args[0])
    if items is not None:
        return _rows(itertools.pairwise(items))
    return frame.spec.specialise(library.neighbours, {"values": _open(frame, args[0])}, frame)


@lowers(itertools.accumulate)
def _accumulate(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    step = args[1] if len(args) > 1 else kwargs.get("func", Static(library.added))
    items = _fixed(frame, args[0])
    if items is None:
        return frame.spec.specialise(library.accumulated, {"values": _open(frame, args[0]), "function": step}, frame)
    totals = items[:1]
    for item in items[1:]:
        totals.append(frame.once(call_value(frame, step, [totals[-1], item], {})))
    return _list_of(totals)


@lowers(itertools.chain)
def _chain(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    rows = [items_of(frame, item) for item in args]
    if all(row is not None for row in rows):
        return _list_of([item for row in rows for item in row or []])
    opened = [_open(frame, item) for item in args]
    return frame.spec.specialise(library.chained, {"rows": _list_of(opened)}, frame)


@lowers(itertools.chain.from_iterable)
def _chain_rows(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    rows = items_of(frame, listed(frame, args[0]))
    if rows is not None:
        return _chain(frame, rows, {})
    return frame.spec.specialise(library.chained, {"rows": _open(frame, args[0])}, frame)


@lowers(itertools.groupby)
def _groupby(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    key = args[1] if len(args) > 1 else kwargs.get("key", Static(library.itself))
    return frame.spec.specialise(library.grouped, {"values": _open(frame, args[0]), "key": key}, frame)


@lowers(itertools.takewhile)
def _takewhile(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return frame.spec.specialise(library.while_true, {"test": args[0], "values": _open(frame, args[1])}, frame)


@lowers(itertools.islice)
def _islice(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    bounds = [Static(None), *args[1:]] if len(args) == 2 else list(args[1:])
    items = _fixed(frame, args[0])
    value = _list_of(items) if items is not None else _open(frame, args[0])
    parts = [*bounds, Static(None)][:3]
    whole = all(isinstance(part, Static) for part in parts)
    cut: Value = Static(slice(*map(sample_of, parts))) if whole else Struct(slice, ["start", "stop", "step"], parts)
    return subscript(frame, value, cut)


@lowers(itertools.repeat)
def _repeat(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) < 2:
        raise Refused("an endless `repeat`", "say how often")
    found = static_call(lambda value, times: [value] * times, args, {})
    if found is not None:
        return found
    times = args[1]
    if isinstance(times, Static):
        return _list_of([frame.once(args[0])] * int(times.data))
    held = frame.once(args[0])
    kind = T.list_of(kind_of(held))
    code = call("torch.jit.annotate", T.annotation(kind), frame.code(_list_of([held])))
    return binary(frame, ast.Mult(), Dynamic(kind, code), times)


@lowers(dict.fromkeys)
def _from_keys(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(dict.fromkeys, args, kwargs)
    if found is not None:
        return found
    default = args[1] if len(args) > 1 else Static(0)
    keys = frame.spec.specialise(library.distinct, {"values": _open(frame, args[0])}, frame)
    return frame.spec.specialise(library.keyed, {"keys": keys, "value": default}, frame)
