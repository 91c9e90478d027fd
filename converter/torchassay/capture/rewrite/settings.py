"""What an installed package asks of itself: which libraries there are, which settings hold. It is asked once, now."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite.values import Static, Value
from torchassay.sense.frames import origin_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_ATOMS = (bool, int, float, str, type(None))
_STARRED = 0x04 | 0x08  # of `co_flags`: *args and **kwargs


def answered(function: Any, bound: Mapping[str, Value]) -> Value | None:
    """The result of a package's function whose arguments are fixed numbers and texts; None for any other function.

    The user's own functions are rewritten whatever they take: they may ask the clock, or count their calls. So is a
    function that raises now, or that returns anything but numbers and texts.
    """
    if not isinstance(function, types.FunctionType) or origin_of(function.__code__.co_filename) != "package":
        return None
    if function.__code__.co_flags & _STARRED or function.__code__.co_posonlyargcount:
        return None
    if not all(isinstance(value, Static) and isinstance(value.data, _ATOMS) for value in bound.values()):
        return None
    try:
        result = function(**{text: value.data for text, value in bound.items() if isinstance(value, Static)})
    except Exception:  # what it means by that, its own code says
        return None
    parts = result if isinstance(result, tuple) else (result,)
    return Static(result) if all(isinstance(part, _ATOMS) for part in parts) else None
