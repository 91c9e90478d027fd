"""The functions that a model's call may run: methods, helpers, hooks, closures."""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from torchassay.base.child import file_of_class, is_user_file
from torchassay.loading.reach import names_of, namespaces_of


def executed_by(function: Callable[[], object]) -> frozenset[types.CodeType]:
    """The code objects that ran while `function` did."""
    found: set[types.CodeType] = set()

    def note(frame: types.FrameType, event: str, _: object) -> None:
        if event == "call":
            found.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(before)
    return frozenset(found)


def functions_of(model: Any, executed: frozenset[types.CodeType] = frozenset()) -> Iterator[types.FunctionType]:
    """The user's functions that a model can reach: methods, helpers in its modules, hooks, closures.

    Of installed packages only what `executed` holds is theirs: a package's reach has no end.
    """
    seen: set[int] = set()
    stack: list[object] = [model]
    while stack:
        item = stack.pop()
        if id(item) in seen or _is_foreign(item, executed):
            continue
        seen.add(id(item))
        if isinstance(item, types.FunctionType) and is_user_file(item.__code__.co_filename):
            yield item
        stack.extend(_reachable(item))


def _is_foreign(item: object, executed: frozenset[types.CodeType]) -> bool:
    if not isinstance(item, types.FunctionType):
        return False
    return "site-packages" in item.__code__.co_filename and item.__code__ not in executed


def _reachable(item: object) -> Iterator[object]:
    """What can be reached from an object in one step."""
    for kinds, parts in _PARTS:
        if isinstance(item, kinds):
            return parts(item)
    wrapped = inspect.getattr_static(item, "__wrapped__", None)  # asking a lazy object would make it import
    return iter([wrapped]) if wrapped is not None else _from_object(item)


def _from_class(kind: Any) -> Iterator[object]:
    if is_user_file(file_of_class(kind)):
        yield from vars(kind).values()
        yield from kind.__mro__


def _from_function(function: types.FunctionType) -> Iterator[object]:
    yield getattr(function, "__wrapped__", None)
    for cell in function.__closure__ or ():
        if cell != types.CellType():
            yield cell.cell_contents
    if is_user_file(function.__code__.co_filename):
        names = names_of(function.__code__)
        for _, space in namespaces_of(function, is_user_file):
            yield from (space.get(name) for name in names)


def _from_object(item: object) -> Iterator[object]:
    if isinstance(item, types.ModuleType | str | bytes | int | float) or item is None:
        return
    yield type(item)
    attributes = getattr(item, "__dict__", None)
    if isinstance(attributes, dict):
        yield attributes


_PARTS: tuple[tuple[Any, Callable[[Any], Iterator[object]]], ...] = (
    (types.FunctionType, _from_function),
    (type, _from_class),
    (types.MethodType, lambda item: iter((item.__func__, item.__self__))),
    (property, lambda item: iter((item.fget, item.fset))),
    ((staticmethod, classmethod), lambda item: iter((item.__func__,))),
    (types.ModuleType, lambda _: iter(())),
    (functools.partial, lambda item: iter((item.func,))),
    (dict, lambda item: iter(list(item.values()))),
    ((list, tuple, set, frozenset), lambda item: iter(list(item))),
)
