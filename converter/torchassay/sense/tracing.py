"""Runs a call under PyTorch's tracer without asking for a module: only so that sizes become tensors and can be followed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from torchassay.sense.taint import tensors_in


class TracingFailed(Exception):
    """The tracer refused the call; the message says why."""


def run_traced(
    model: nn.Module,
    inputs: list[torch.Tensor],
    forward: Callable[[], Any],
    warned: Callable[[str], None],
    recorded: Callable[[Any], None] = lambda _: None,
) -> Any:
    """Runs `forward` while tracing, with inputs, parameters and buffers known to the tracer.

    The same tensor objects are used inside, so identities hold. `warned` is called with each warning of the tracer, at
    the moment it is given and whatever filters the process has; `recorded` with the graph, where there is one. Raises
    what `forward` raises; TracingFailed if the tracer itself cannot go on after forward has returned.
    """
    outcome: list[Any] = []
    raised: list[BaseException] = []

    def body(*_: torch.Tensor) -> Any:
        try:
            result = forward()
        except BaseException as error:
            raised.append(error)
            raise
        outcome.append(result)
        found = [tensor for tensor in tensors_in(result) if tensor.layout is torch.strided]
        return tuple(found) or (torch.zeros(()),)

    known = known_tensors(model, inputs) or [torch.zeros(())]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", torch.jit._trace.TracerWarning)
            warnings.showwarning = lambda message, *_args, **_named: warned(str(message))
            recorded(torch._C._create_graph_by_tracing(body, tuple(known), _nameless, True, False)[0])
    except BaseException as error:
        if raised:
            raise raised[0] from None
        if outcome:
            return outcome[0]
        raise TracingFailed(str(error).partition("\n")[0]) from error
    return outcome[0]


def known_tensors(model: nn.Module, inputs: Iterable[torch.Tensor]) -> list[torch.Tensor]:
    """Returns what the tracer is told of, in the order of its graph's inputs."""
    tensors = [*inputs, *model.parameters(), *model.buffers()]
    return list({id(tensor): tensor for tensor in tensors if tensor.layout is torch.strided}.values())


def _nameless(_: torch.Tensor) -> str:
    return ""
