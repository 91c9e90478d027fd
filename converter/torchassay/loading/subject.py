"""The model under conversion, ready to be called, and fresh copies of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from torchassay.inputs.call import Call
from torchassay.inputs.parameters import Parameters
from torchassay.loading.copying import copied


@dataclass(frozen=True, slots=True)
class Subject:
    """A model in eval mode (unless it was asked otherwise), and how the user named it.

    `file` and `folder` are absolute and None for models that come from an installed package or a `.pt`.
    """

    model: nn.Module
    method: str
    name: str
    reference: str
    file: Path | None
    folder: Path | None
    signature: inspect.Signature
    build: Callable[[], nn.Module] | None = None
    training: bool = False
    rebuilds: bool = False  # whether fresh models are built again, because copies answer otherwise

    @property
    def parameters(self) -> Parameters:
        return Parameters(self.signature, self.method)

    @property
    def scripted(self) -> bool:
        """Whether the model is TorchScript already, so that there is no Python to compare with."""
        return isinstance(self.model, torch.jit.ScriptModule)

    def fresh(self) -> Subject:
        """The same model, untouched by earlier calls: a copy, or built again where copying fails."""
        try:
            model = self._rebuilt() if self.rebuilds else copied(self.model)
        except Exception:  # a user's class may refuse copying in any way
            if self.build is None:
                raise
            model = self.build()
        model.train(self.training)
        return replace(self, model=model)

    def _rebuilt(self) -> nn.Module:
        """Built again, with the weights of the first: a factory may draw others each time."""
        assert self.build is not None
        model = self.build()
        model.load_state_dict(self.model.state_dict())
        return model

    def own(self) -> Subject:
        """The model itself: for a process that was forked to use it up, a fork being a copy already."""
        self.model.train(self.training)
        return self

    def call(self, call: Call) -> object:
        """The eager output; gradients are recorded only where an input asks for them."""
        target = self.model if self.method == "forward" else getattr(self.model, self.method)
        with torch.set_grad_enabled(call.requires_grad):
            return target(*call.args, **call.kwargs)
