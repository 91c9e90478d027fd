"""Displays: `(a, b)`, `[a]`, `{k: v}`."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.dispatch import options_of
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate, handles
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.indices import is_sequence, parts_of
from torchassay.capture.rewrite.iteration import items_of
from torchassay.capture.rewrite.samples import attempt
from torchassay.capture.rewrite.sets import set_of
from torchassay.capture.rewrite.values import (
    Choice,
    Dynamic,
    Static,
    Struct,
    Value,
    expression,
    is_static,
    kind_of,
    sample_of,
    unpack,
)


@handles(ast.Tuple)
def _tuple(frame: Frame, node: ast.Tuple) -> Value:
    return _display(tuple, sequence(frame, node.elts))


@handles(ast.List)
def _list(frame: Frame, node: ast.List) -> Value:
    items = sequence(frame, node.elts)
    if items:
        return _display(list, items)
    origin = (frame.file, node.lineno, node.col_offset) if hasattr(node, "lineno") else None
    kind = frame.spec.facts.empty.get(origin) if origin else None
    if kind is None:
        return Struct(list, [], [], origin)
    return Dynamic(T.list_of(kind), expression(f"torch.jit.annotate({T.spell(T.list_of(kind))}, [])"), [])


@dataclass(slots=True)
class _Opened(Value):
    """A `*` item that is one of several sequences."""

    choice: Choice


def _display(kind: type, items: list[Value]) -> Value:
    """A tuple or list of these items; a choice among such where a `*` item is one."""
    place = next((number for number, item in enumerate(items) if isinstance(item, _Opened)), None)
    if place is None:
        return Struct(kind, list(range(len(items))), items)
    opened = items[place]
    assert isinstance(opened, _Opened)
    return options_of(opened.choice, lambda option: _display(kind, [*items[:place], *parts_of(option), *items[place + 1 :]]))


@handles(ast.Set)
def _set(frame: Frame, node: ast.Set) -> Value:
    items = sequence(frame, node.elts)
    if all(isinstance(item, Static) for item in items):
        return Static({item.data for item in items if isinstance(item, Static)})
    return set_of(frame, Struct(list, list(range(len(items))), items))


def sequence(frame: Frame, nodes: list[ast.expr]) -> list[Value]:
    """The values of several expressions, `*` ones opened."""
    found: list[Value] = []
    for node in nodes:
        mark = len(frame.out)
        if isinstance(node, ast.Starred):
            value = evaluate(frame, node.value)
            items = [_Opened(value)] if isinstance(value, Choice) and is_sequence(value) else items_of(frame, value)
            if items is None:
                raise Refused("TorchScript cannot expand a list of unknown length with `*`", "pass the list itself")
        else:
            items = [evaluate(frame, node)]
        found = [*(frame.pinned(earlier, mark) for earlier in found), *items]
    return found


@handles(ast.Dict)
def _dict(frame: Frame, node: ast.Dict) -> Value:
    keys: list[Any] = []
    items: list[Value] = []
    for key, item in zip(node.keys, node.values, strict=True):
        mark = len(frame.out)
        value = evaluate(frame, item)
        items = [frame.pinned(earlier, mark) for earlier in items]
        if key is None:
            opened = unpack(value) if isinstance(value, Static) else value
            if not isinstance(opened, Struct) or opened.kind is not dict:
                raise Refused("`**` of a dict that is known only at run time", "name the keys")
            keys += opened.keys
            items += opened.items
            continue
        found = evaluate(frame, key)
        if not is_static(found):
            return _open_dict(frame, node)
        keys.append(sample_of(found))
        items.append(value)
    last = dict(zip(keys, items, strict=True))
    return Struct(dict, list(last), list(last.values()))


def _open_dict(frame: Frame, node: ast.Dict) -> Value:
    """A dict display with keys that are computed: a real dict."""
    pairs = [(evaluate(frame, key), evaluate(frame, item)) for key, item in zip(node.keys, node.values, strict=True) if key]
    kinds = T.join_all([kind_of(key) for key, _ in pairs]), T.join_all([kind_of(item) for _, item in pairs])
    codes = [frame.code(key, kinds[0]) for key, _ in pairs]
    values = [frame.code(item, kinds[1]) for _, item in pairs]
    samples = [(sample_of(key), sample_of(item)) for key, item in pairs]
    sample = attempt(lambda: dict(samples))
    return Dynamic(T.dict_of(*kinds), ast.Dict(list(codes), values), sample)
