"""`next` of an iterator that the model keeps: its items are fixed, state is how many were taken."""

from __future__ import annotations

import ast
import copy
import itertools
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.attributes import attribute
from torchassay.capture.rewrite.dispatch import choose_index
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.operators import binary
from torchassay.capture.rewrite.stores import store_attribute
from torchassay.capture.rewrite.values import Choice, Dynamic, Static, Value, expression, kind_of, name

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

_PLAIN: tuple[Any, ...] = (type(iter([])), type(iter(())), type(iter(range(0))), type(iter("")))


def take_kept(frame: Frame, iterator: Any, default: list[Value]) -> Value:
    """`next(iterator, *default)`: the position is read and moved on."""
    cell, label = frame.spec.cells.change_iterator(frame, iterator)
    position = frame.temp(attribute(frame, Static(cell), label))
    store_attribute(frame, Static(cell), label, binary(frame, ast.Add(), position, Static(1)), name("self"))
    if isinstance(iterator, itertools.count):
        start, step = (*iterator.__reduce__()[1], 1)[:2]
        return binary(frame, ast.Add(), Static(start), binary(frame, ast.Mult(), position, Static(step)))
    items = [Static(item) for item in _items(iterator)]
    if isinstance(iterator, itertools.cycle):
        return _one_of(frame, items, binary(frame, ast.Mod(), position, Static(len(items))))
    if not default:
        return _one_of(frame, items, position)
    test = expression("p < n", p=frame.code(position), n=ast.Constant(len(items)))
    found = frame.branch(test, lambda: _one_of(frame, items, position), lambda: default[0])
    return Static(None) if found is None else found


def _one_of(frame: Frame, items: list[Static], position: Value) -> Value:
    """The item at the position: one of several fixed ones, unless they are numbers or tensors."""
    if any(kind_of(item) not in (T.INT, T.FLOAT, T.TENSOR) for item in items):
        held = frame.once(position)
        assert isinstance(held, Dynamic)
        tests = [lambda n=n: ast.Compare(held.code, [ast.Eq()], [ast.Constant(n)]) for n in range(len(items))]
        return Choice(list(tests), list(items))
    return choose_index(frame, items, position)


def _items(iterator: Any) -> list[Any]:
    """What the iterator has still to give, once around for a cycle; it is not moved on."""
    if isinstance(iterator, _PLAIN):
        return [*copy.copy(iterator)]
    if isinstance(iterator, itertools.cycle):
        parts: Any = iterator.__reduce__()
        (inner,), (saved, again) = parts[1:]
        rest: list[Any] = _items(inner)
        return [*rest, *(saved[: len(saved) - len(rest)] if again else saved)]
    kind = type(iterator).__name__
    raise Refused(f"a `{kind}` that the model keeps is moved on in `forward`", "keep a list, and a number that counts")
