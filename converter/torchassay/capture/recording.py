"""Records the calls that a submodule receives while the model runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torchassay.inputs.call import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from torchassay.loading.subject import Subject

_ENOUGH = 8


def record_calls(subject: Subject, calls: Sequence[Call], path: str) -> list[Call]:
    """What the submodule at `path` is called with, over several calls of the model; a failing call is left out."""
    found: list[Call] = []

    def keep(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if len(found) < _ENOUGH:
            found.append(Call(args, kwargs).clone())

    for call in calls:
        fresh = subject.fresh()
        fresh.model.get_submodule(path).register_forward_pre_hook(keep, with_kwargs=True)
        try:
            fresh.call(call.clone())
        except Exception:  # noqa: S112 - an example on which the model raises still shows what reached the submodule before
            continue
    return found
