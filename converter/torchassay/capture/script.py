"""Scripts a whole model with `torch.jit.script`, in a forked child."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.base.child import run_child
from torchassay.capture.artifact import Artifact, CaptureFailure, Note
from torchassay.capture.compile_errors import explain
from torchassay.capture.ignored import forget_ignored, marked_calls
from torchassay.capture.trace import enable_torchscript, save, settle, submodules

if TYPE_CHECKING:
    from torchassay.loading.load import Subject


def script(subject: Subject, *, folder: Path, timeout: float = 600.0) -> Artifact | CaptureFailure:
    """Scripts `subject` in a child; `folder` receives `model.pt`."""
    return settle(run_child(lambda: script_here(subject, folder), timeout=timeout), "compile")


def script_here(subject: Subject, folder: Path) -> Artifact | CaptureFailure:
    """Like `script`, in this process."""
    notes = enable_torchscript()
    fresh = subject.fresh()
    marked = marked_calls(fresh.model, fresh.method)
    path = folder / "model.pt"
    try:
        save_scripted(fresh.model, fresh.method, path, marked)
    except Exception as error:  # TorchScript raises whatever its Python frontend met in the user's source
        return explain(error)
    listed = submodules(fresh.model, "script", "the whole model was scripted")
    return Artifact(path, "script", listed, (*notes, *marked), method=fresh.method)


def save_scripted(model: nn.Module, method: str, path: Path, marked: tuple[Note, ...]) -> None:
    """Compiles and saves; a method marked `ignore` that stands in the way is saved as one that raises."""
    try:
        save(compile_module(model, method), path)
    except RuntimeError as error:
        if not marked or "Could not export Python function call" not in str(error):
            raise
        forget_ignored(model)
        torch._C._jit_clear_class_registry()
        torch.jit._recursive.concrete_type_store = torch.jit._recursive.ConcreteTypeStore()
        save(compile_module(model, method), path)


def compile_module(model: nn.Module, method: str = "forward") -> Any:
    """`torch.jit.script`, with another entry point than `forward` exported as well."""
    if method != "forward":
        torch.jit.export(getattr(type(model), method))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(model)
