"""What tests of several rooms share: a Subject for a module that lives in the test itself."""

from __future__ import annotations

import inspect

from torch import nn

from torchassay.loading.subject import Subject


def subject_of(model: nn.Module, method: str = "forward") -> Subject:
    """The module as if it had been loaded from a reference; in eval mode."""
    return Subject(
        model=model.eval(),
        method=method,
        name=type(model).__name__,
        reference=f"test:{type(model).__name__}",
        file=None,
        folder=None,
        signature=inspect.signature(getattr(model, method)),
    )
