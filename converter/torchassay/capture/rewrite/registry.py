"""Which function handles which kind of syntax, expressions and statements alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])
HANDLERS: dict[type, Callable[..., Any]] = {}


def handles(*kinds: type) -> Callable[[Handler], Handler]:
    """Registers a function of the frame and the node for these kinds of nodes."""

    def register(function: Handler) -> Handler:
        for kind in kinds:
            HANDLERS[kind] = function
        return function

    return register
