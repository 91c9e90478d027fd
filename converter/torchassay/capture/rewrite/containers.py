"""Methods of lists, sets and dicts whose content is known only at run time."""

from __future__ import annotations

import ast
import math
from collections import deque
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import library
from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_method
from torchassay.capture.rewrite.growing import grown, item_type
from torchassay.capture.rewrite.iteration import Iteration, items_of, iteration_of
from torchassay.capture.rewrite.lists import comprehension_list, listed
from torchassay.capture.rewrite.passing import Spread
from torchassay.capture.rewrite.samples import attempt
from torchassay.capture.rewrite.sets import is_set, of_two, set_of
from torchassay.capture.rewrite.subscripts import index_is_tuple, key_text, subscript
from torchassay.capture.rewrite.table import FUNCTIONS
from torchassay.capture.rewrite.turns import loop_over
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Static,
    Value,
    call,
    kind_of,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def code_call(frame: Frame, owner: Dynamic, label: str, args: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Attribute(owner.code, label, ast.Load()), args, [])


_PUTS = {"append": "append", "insert": "insert", "add": "add", "appendleft": "insert"}
_FIRST = frozenset(("appendleft", "popleft"))  # what a `deque` does at its first item
_SET_METHODS: dict[str, Any] = {
    "union": library.united,
    "intersection": library.common,
    "difference": library.without,
    "symmetric_difference": library.unshared,
    "issubset": library.within,
    "issuperset": library.covers,
    "isdisjoint": library.disjoint,
}


def list_method(frame: Frame, owner: Dynamic, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if any(isinstance(item, Spread) for item in args):
        raise Refused("TorchScript cannot expand `*` here")
    if label in _FIRST:
        args = [Static(0), *args]
    if label in _PUTS:
        return _put(frame, owner, _PUTS[label], args)
    if is_set(owner) and (found := set_method(frame, owner, label, args)) is not None:
        return found
    if label == "extend":
        return _extend(frame, owner, args[0])
    if label == "numel":
        return FUNCTIONS[math.prod](frame, [owner], {})
    if label == "sort" and kwargs:
        return _sort_in_place(frame, owner, kwargs)
    return _native(frame, owner, {"popleft": "pop"}.get(label, label), args)


def _native(frame: Frame, owner: Dynamic, label: str, args: list[Value]) -> Value:
    """A method that TorchScript has under the same name."""
    code = code_call(frame, owner, label, [frame.code(value) for value in args])
    if label in ("clear", "reverse", "sort", "remove"):
        frame.emit(ast.Expr(code))
        return Static(None)
    sample = attempt(lambda: owner.sample[-1]) if owner.known else MISSING
    if label == "pop":
        taken = frame.temp(Dynamic(owner.type.args[0], code, sample))
        frame.effect(taken)
        return taken
    return Dynamic(owner.type, code, owner.sample) if label == "copy" else Dynamic(T.INT, code)


def _sort_in_place(frame: Frame, owner: Dynamic, kwargs: dict[str, Value]) -> Value:
    found = frame.temp(FUNCTIONS[sorted](frame, [owner], kwargs))
    frame.emit_code("x.clear()\nx.extend(y)", x=owner.code, y=frame.code(found))
    if isinstance(owner.sample, list) and isinstance(sample_of(found), list):
        owner.sample[:] = sample_of(found)
    return Static(None)


def _put(frame: Frame, owner: Dynamic, label: str, args: list[Value]) -> Value:
    """A new item in a list, or in a list that stands for a set."""
    kind = item_type(owner, args[-1], 0)
    grown(frame, owner, T.list_of(kind))
    codes = [*(frame.code(item) for item in args[:-1]), frame.code(args[-1], kind)]
    if label == "add":
        frame.emit_code("if v not in x:\n    x.append(v)", v=codes[0], x=owner.code)
    else:
        frame.emit(ast.Expr(code_call(frame, owner, label, codes)))
        _bound_length(frame, owner, dropped="0" if label == "append" else "-1")
    _mutate(owner, label, args)
    return Static(None)


def _bound_length(frame: Frame, owner: Dynamic, *, dropped: str) -> None:
    """A bounded `deque` drops an item at the other end when it is full."""
    limit = getattr(owner.sample, "maxlen", None)
    if limit is not None:
        frame.emit_code(f"if len(x) > {limit}:\n    x.pop({dropped})", x=owner.code)


def _extend(frame: Frame, owner: Dynamic, values: Value) -> Value:
    items = items_of(frame, values)
    if items is not None:
        for item in items:
            current = owner
            if owner.place is not None and owner.place[0] == "name":
                found = frame.env.get(owner.place[1])
                current = frame.refine(found) if isinstance(found, Dynamic) else owner  # type: ignore[assignment]
            list_method(frame, current, "append", [item], {})
        return Static(None)
    if isinstance(values, Iteration) or not (isinstance(values, Dynamic) and values.type.name == "List"):
        values = comprehension_list(frame, iteration_of(frame, values))
    kind = T.join(owner.type, kind_of(values))
    if kind is None:
        raise Refused("items of different types are put into one container", "give the items one type")
    grown(frame, owner, kind)
    frame.emit(ast.Expr(code_call(frame, owner, "extend", [frame.code(values)])))
    return Static(None)


def _mutate(owner: Dynamic, label: str, args: list[Value]) -> None:
    samples = [sample_of(item) for item in args]
    if isinstance(owner.sample, (list, deque, set)) and not any(item is MISSING for item in samples):
        attempt(lambda: getattr(owner.sample, label)(*samples))


def dict_method(frame: Frame, owner: Dynamic, label: str, args: list[Value]) -> Value:
    if label in ("keys", "values", "items"):
        return views(owner, label)
    if label == "copy":
        return Dynamic(owner.type, code_call(frame, owner, "copy", []), owner.sample)
    if label == "clear":
        frame.emit(ast.Expr(code_call(frame, owner, "clear", [])))
        return Static(None)
    if label in ("get", "pop", "setdefault"):
        index = key_text(frame, args[0]) if index_is_tuple(args[0]) else frame.code(args[0])
        return _lookup(frame, owner, label, index, args)
    if label == "most_common":
        pairs = views(owner, "items")
        bound = {"values": frame.once(pairs), "key": Static(library.second)}
        found = frame.spec.specialise(library.ordered_down, bound, frame)
        return subscript(frame, found, Static(slice(sample_of(args[0]) if args else None)))
    if label == "update" and len(args) == 1:
        frame.emit(ast.Expr(code_call(frame, owner, "update", [frame.code(args[0], owner.type)])))
        return Static(None)
    raise Refused(f"`{label}` of a dict is not available in TorchScript")


def views(owner: Dynamic, label: str) -> Value:
    key, item = owner.type.args
    kinds = {"keys": key, "values": item, "items": T.tuple_of([key, item])}
    found = MISSING if not owner.known else list(getattr(owner.sample, label)())
    code = call("list", ast.Call(ast.Attribute(owner.code, label, ast.Load()), [], []))
    return Dynamic(T.list_of(kinds[label]), code, found)


def _lookup(frame: Frame, owner: Dynamic, label: str, index: ast.expr, args: list[Value]) -> Value:
    item = owner.type.args[1]
    found = MISSING
    if owner.known and sample_of(args[0]) is not MISSING:
        found = attempt(lambda: owner.sample.get(sample_of(args[0])))
        found = sample_of(args[1]) if found is None and len(args) > 1 else found
    if label == "setdefault":
        key = T.STR if index_is_tuple(args[0]) else kind_of(args[0])
        known = owner.type.args[0]
        item = item_type(owner, args[1], 1)
        grown(frame, owner, T.dict_of(key if known == T.UNKNOWN else known, item))
    codes = [index, *[frame.code(value, item) for value in args[1:]]]
    kind = item if len(args) > 1 or label == "pop" else T.optional(item)
    value = Dynamic(kind, code_call(frame, owner, label, codes), found)
    if label == "get":
        return value
    held = frame.temp(value)
    frame.effect(held)
    return held


def set_method(frame: Frame, owner: Dynamic, label: str, args: list[Value]) -> Value | None:
    """A method that only sets have; None for those that lists have too."""
    if label in _SET_METHODS and len(args) == 1:
        other = args[0] if is_set(args[0]) else set_of(frame, listed(frame, args[0]))
        return of_two(frame, _SET_METHODS[label], owner, other)
    if label == "update":
        return _add_all(frame, owner, args[0])
    if label == "discard":
        frame.emit_code("if v in x:\n    x.remove(v)", v=frame.code(frame.once(args[0])), x=owner.code)
        return Static(None)
    if label == "pop":
        raise Refused("an item of a set is taken without saying which", "use a list")
    return None


def _add_all(frame: Frame, owner: Dynamic, values: Value) -> Value:
    """`update`: one `add` for each item."""
    text = owner.place[1] if owner.place is not None and owner.place[0] == "name" else None

    def body(item: Value) -> None:
        call_method(frame, frame.env[text] if text else owner, "add", [frame.once(item)], {})

    loop_over(frame, iteration_of(frame, values), body, [text] if text else [])
    return Static(None)
