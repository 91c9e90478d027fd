"""Index tuples: slices, None and `...` in sequences, which no list of TorchScript's can hold.

One whose length is known only at run time, a rank as a rule, is a choice among lengths.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.dispatch import options_of
from torchassay.capture.rewrite.values import MISSING, Choice, Dynamic, Static, Struct, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame

LENGTHS = 7  # more dimensions than tensors have in practice


def is_slice(value: Value) -> bool:
    """Whether a value, a slice or `...`, means something between brackets only."""
    if isinstance(value, Static):
        return value.data is Ellipsis or isinstance(value.data, slice)
    return isinstance(value, Struct) and value.kind is slice


def _is_part(value: Value) -> bool:
    return is_slice(value) or (isinstance(value, Static) and value.data is None)


def is_whole(index: Value) -> bool:
    """Whether an index, `...` or `()`, takes the whole tensor: TorchScript wants another part beside the dots."""
    if isinstance(index, Static):
        return index.data is Ellipsis or index.data in ((), (Ellipsis,))
    return isinstance(index, Struct) and index.kind is tuple and all(map(is_whole, index.items)) and len(index.items) < 2


def is_sequence(value: Value) -> bool:
    """A tuple or list whose items are known one by one, or a choice among such."""
    if isinstance(value, Choice):
        return all(is_sequence(option) for option in value.options)
    if isinstance(value, Struct):
        return value.kind in (tuple, list)
    return isinstance(value, Static) and isinstance(value.data, (tuple, list))


def parts_of(value: Value) -> list[Value]:
    """The items of a sequence that is known."""
    if isinstance(value, Struct):
        return value.items
    assert isinstance(value, Static)
    return [Static(item) for item in value.data]


def repeated(frame: Frame, part: Struct, times: Value) -> Value | None:
    """`part * times` for a number known only at run time; None for items that a list can hold."""
    if not isinstance(times, Dynamic) or times.type != T.INT or not part.items or not all(map(_is_part, part.items)):
        return None
    return by_length(frame, times, lambda number: _times(part, number))


def by_length(frame: Frame, length: Dynamic, build: Callable[[int], Value]) -> Choice:
    """The sequence of each length, of which one is selected at run time."""
    held = frame.once(length)
    assert isinstance(held, Dynamic)
    code = held.code

    def test(number: int) -> Callable[[], ast.expr]:
        op: ast.cmpop = ast.Eq() if number else ast.LtE()
        return lambda: ast.Compare(code, [op], [ast.Constant(number)])

    chosen = 0 if held.sample is MISSING else min(max(int(held.sample), 0), LENGTHS - 1)
    return Choice([test(number) for number in range(LENGTHS)], [build(number) for number in range(LENGTHS)], chosen)


def _times(part: Struct, number: int) -> Struct:
    items = list(part.items) * number
    return Struct(part.kind, list(range(len(items))), items)


def with_item(owner: Choice, place: int, value: Value) -> Choice | None:
    """The choice after `owner[place] = value`; lists without such an item raise, and are no options any more."""
    fits = [number for number, option in enumerate(owner.options) if _has(option, place)]
    if not fits or isinstance(value, Choice):
        return None
    kept = Choice(
        [owner.tests[number] for number in fits],
        [owner.options[number] for number in fits],
        fits.index(owner.chosen) if owner.chosen in fits else 0,
    )
    return options_of(kept, lambda option: _put(option, place, value))


def _has(option: Value, place: int) -> bool:
    return isinstance(option, Struct) and option.kind is list and -len(option.items) <= place < len(option.items)


def _put(option: Value, place: int, value: Value) -> Value:
    assert isinstance(option, Struct)
    items = list(option.items)
    items[place] = value
    return Struct(option.kind, list(option.keys), items)
