"""What the tests of capturing share: a subject around a bare module, and modules imported from text."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType

from torch import nn

from torchassay.loading.subject import Subject


def subject_of(model: nn.Module, method: str = "forward") -> Subject:
    """A loaded model as the loader would hand it over."""
    return Subject(
        model=model.eval(),
        method=method,
        name=type(model).__name__,
        reference="test",
        file=None,
        folder=None,
        signature=inspect.signature(getattr(model, method)),
    )


def imported(path: Path, text: str) -> ModuleType:
    """Writes `text` to `path` and imports it under its stem."""
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
