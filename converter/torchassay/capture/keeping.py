"""Puts a model's tensors back after a run that changed them, so that what is saved is the untouched state."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import nn


class Keeper:
    """Remembers every tensor that hangs on a module tree, or in `others`, and restores the values in place."""

    def __init__(self, model: nn.Module, others: Iterable[object] = ()) -> None:
        self._kept: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self._modes = [(module, module.training) for module in model.modules()]
        for module in model.modules():
            for value in vars(module).values():
                self._keep(value, 0)
        for value in others:
            self._keep(value, 0)

    def _keep(self, value: object, depth: int) -> None:
        if isinstance(value, torch.Tensor):
            if id(value) not in self._kept:
                with contextlib.suppress(RuntimeError, NotImplementedError):
                    self._kept[id(value)] = (value, value.detach().clone())
        elif depth < 4 and isinstance(value, Mapping):
            for part in list(value.values()):
                self._keep(part, depth + 1)
        elif depth < 4 and isinstance(value, (list, tuple)):
            for part in value:
                self._keep(part, depth + 1)

    def restore(self) -> None:
        """Writes the remembered values back into the very tensors that the tree held."""
        for module, training in self._modes:
            module.training = training
        with torch.no_grad():
            for tensor, saved in self._kept.values():
                with contextlib.suppress(RuntimeError, NotImplementedError):
                    _write_back(tensor, saved)


def _write_back(tensor: torch.Tensor, saved: torch.Tensor) -> None:
    if tensor.shape != saved.shape:
        tensor.detach().resize_(saved.shape)
    if not _same(tensor, saved):
        tensor.detach().copy_(saved)


def _same(left: torch.Tensor, right: torch.Tensor) -> bool:
    return left.dtype == right.dtype and torch.equal(left, right)


@contextlib.contextmanager
def quiet_autocast() -> Iterator[None]:
    """Turns autocast's weight cache off: under the tracer its entries would become constants."""
    enabled = torch.is_autocast_cache_enabled()
    torch.set_autocast_cache_enabled(False)
    try:
        yield
    finally:
        torch.set_autocast_cache_enabled(enabled)


class _Context:
    """Stands in for the context of an autograd function whose backward is never called."""

    def __init__(self) -> None:
        self.needs_input_grad = (False,) * 64
        self.saved_tensors: tuple[object, ...] = ()

    def save_for_backward(self, *values: object) -> None:
        self.saved_tensors = values

    def mark_dirty(self, *_: object) -> None: ...

    def mark_non_differentiable(self, *_: object) -> None: ...

    def set_materialize_grads(self, _: bool) -> None: ...


@contextlib.contextmanager
def plain_autograd_functions() -> Iterator[None]:
    """Runs `torch.autograd.Function` forwards as ordinary Python: the tracer records them as calls it cannot save."""

    def apply(cls: Any, /, *args: object, **kwargs: object) -> object:
        if cls.setup_context is torch.autograd.function._SingleLevelFunction.setup_context:
            return cls.forward(_Context(), *args, **kwargs)
        return cls.forward(*args, **kwargs)

    original = torch.autograd.Function.__dict__["apply"]
    torch.autograd.Function.apply = classmethod(apply)  # type: ignore[assignment]
    try:
        yield
    finally:
        torch.autograd.Function.apply = original  # type: ignore[method-assign]


@contextlib.contextmanager
def plain_copies() -> Iterator[None]:
    """Lets `copy.deepcopy(tensor)` clone: the tracer would record an empty tensor, and so save garbage."""

    def clone(self: torch.Tensor, memo: dict[int, object]) -> torch.Tensor:
        if isinstance(self, torch.nn.Parameter):
            kept: torch.Tensor = original(self, memo)
            return kept
        memo[id(self)] = copied = self.clone()
        return copied

    original: Any = torch.Tensor.__deepcopy__
    torch.Tensor.__deepcopy__ = clone  # type: ignore[method-assign]
    try:
        yield
    finally:
        torch.Tensor.__deepcopy__ = original  # type: ignore[method-assign]
