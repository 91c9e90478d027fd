"""The functions that a model's call may run: methods, helpers, hooks, closures."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator

from torchassay.base.child import is_user_file
from torchassay.loading.reach import objects


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


def functions_of(model: object, executed: frozenset[types.CodeType] = frozenset()) -> Iterator[types.FunctionType]:
    """The user's functions that a model can reach: methods, helpers in its modules, hooks, closures.

    Of installed packages only what `executed` holds is theirs: a package's reach has no end.
    """

    def foreign(value: object) -> bool:
        return isinstance(value, types.FunctionType) and _is_installed(value) and value.__code__ not in executed

    for _, value in objects([model], enters=is_user_file, omits=foreign):
        if isinstance(value, types.FunctionType) and is_user_file(value.__code__.co_filename):
            yield value


def _is_installed(function: types.FunctionType) -> bool:
    """Whether a function stands in an installed package."""
    return "site-packages" in function.__code__.co_filename
