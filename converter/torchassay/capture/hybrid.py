"""Mixes: submodules or helper functions that are scripted (or rewritten first), inside a trace of the rest."""

from __future__ import annotations

import contextlib
import importlib
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.base.child import run_child
from torchassay.capture.artifact import Artifact, CaptureFailure, SubmoduleMode
from torchassay.capture.compile_errors import explain
from torchassay.capture.recording import record_calls
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.model import rewrite_module
from torchassay.capture.script import compile_module
from torchassay.capture.trace import enable_torchscript, relabel, save, settle, submodules, trace_module

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torchassay.inputs.call import Call
    from torchassay.loading.subject import Subject


@dataclass(frozen=True, slots=True)
class Plan:
    """What is scripted in a traced model: submodules by path, functions by module and name. `rewritten`: rewrite first."""

    paths: tuple[str, ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    rewritten: bool = False

    @property
    def title(self) -> str:
        names = [f"`{path}`" for path in self.paths] + [f"`{name}`" for _, name in self.functions]
        return f"{', '.join(names)} {'rewritten and ' if self.rewritten else ''}scripted, the rest traced"


def hybrid(
    subject: Subject,
    calls: Sequence[Call],
    plan: Plan,
    *,
    folder: Path,
    timeout: float = 600.0,
) -> Artifact | CaptureFailure:
    """Captures `subject` by `plan` in a child: the first call is traced, all of them give types."""
    return settle(run_child(lambda: hybrid_here(subject, calls, plan, folder), timeout=timeout), "trace")


def hybrid_here(subject: Subject, calls: Sequence[Call], plan: Plan, folder: Path) -> Artifact | CaptureFailure:
    """Like `hybrid`, in this process."""
    notes = enable_torchscript()
    fresh = subject.fresh()
    diffs: list[str] = []
    listed = submodules(fresh.model, "trace", "nothing in it depends on values")
    try:
        for path in plan.paths:
            made, diff = _scripted(subject, fresh.model, calls, path, plan.rewritten, folder)
            diffs += [diff] if diff else []
            replace_submodule(fresh.model, path, made)
        with scripted_functions(plan.functions):
            traced = trace_module(fresh.model, fresh.method, calls[0].clone())
        path_out = folder / "model.pt"
        save(traced.script, path_out)
    except Refused as error:
        return refusal(error)
    except (RuntimeError, NotImplementedError) as error:
        return explain(error)
    return Artifact(path_out, "hybrid", _labels(listed, plan), (*notes, *traced.notes), "\n".join(diffs) or None, fresh.method)


def _labels(listed: tuple[SubmoduleMode, ...], plan: Plan) -> tuple[SubmoduleMode, ...]:
    word = "rewritten and scripted" if plan.rewritten else "scripted"
    why = f"{word}: it decides by values that the trace would freeze"
    changes = dict.fromkeys(plan.paths, ("script", why))
    names = ", ".join(f"`{name}`" for _, name in plan.functions)
    if names:
        root = listed[0]
        listed = (
            SubmoduleMode(root.path, root.class_name, "hybrid", f"helper {names} is scripted while the rest is traced"),
            *listed[1:],
        )
    return relabel(listed, changes)


def _scripted(
    subject: Subject, model: nn.Module, calls: Sequence[Call], path: str, rewritten: bool, folder: Path
) -> tuple[nn.Module, str]:
    """One submodule compiled, with the diff of its source when it was rewritten."""
    if not rewritten:
        return compile_module(model.get_submodule(path)), ""
    seen = record_calls(subject, calls, path)
    if not seen:
        raise Refused(f"submodule `{path}` is never called on the examples", "give an example that reaches it")
    room = folder / f"rewritten-{path or 'root'}"
    built = rewrite_module(lambda: subject.fresh().model.get_submodule(path), "forward", seen, room)
    return built.script, built.diff


def replace_submodule(model: nn.Module, path: str, made: nn.Module) -> None:
    """Puts another module at `path`, and everywhere else that the same module is registered."""
    original = model.get_submodule(path)
    for parent in list(model.modules()):
        for label, child in parent._modules.items():
            if child is original:
                parent._modules[label] = made


@contextlib.contextmanager
def scripted_functions(functions: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Replaces functions of user modules by their scripted selves for the time of a trace."""
    replaced: list[tuple[Any, str, Any]] = []
    try:
        for room, label in functions:
            original = getattr(sys.modules.get(room) or importlib.import_module(room), label)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                scripted = torch.jit.script(original)
            for module in list(sys.modules.values()):
                if getattr(module, "__dict__", {}).get(label) is original:
                    replaced.append((module, label, original))
                    setattr(module, label, scripted)
        yield
    finally:
        for module, label, original in replaced:
            setattr(module, label, original)


def refusal(error: Refused) -> CaptureFailure:
    """The failure that a statement stands for which no rewrite can express."""
    from torchassay.capture.rewrite.edits import edit_text
    from torchassay.capture.rewrite.source import statement_text

    place = error.file is not None and error.line is not None
    edit = edit_text(str(error.file), int(error.line or 0), error.remedy) if place and error.remedy is not None else None
    return CaptureFailure(
        kind="rewrite",
        message=error.message,
        file=error.file,
        line=error.line,
        statement=statement_text(str(error.file), int(error.line or 0)) if place else None,
        help=f"{error.help}\n{edit}" if edit else error.help,
        function=error.function,
    )


def rewrite(
    subject: Subject,
    calls: Sequence[Call],
    *,
    trace_leaves: bool = False,
    folder: Path,
    timeout: float = 600.0,
) -> Artifact | CaptureFailure:
    """Rewrites and scripts the whole model in a child; with `trace_leaves`, what resists is traced instead."""
    return settle(run_child(lambda: rewrite_here(subject, calls, trace_leaves, folder), timeout=timeout), "rewrite")


def rewrite_here(subject: Subject, calls: Sequence[Call], trace_leaves: bool, folder: Path) -> Artifact | CaptureFailure:
    """Like `rewrite`, in this process."""
    notes = enable_torchscript()
    try:
        built = rewrite_module(
            lambda: subject.fresh().model, subject.method, calls, folder / "rewritten", trace_leaves=trace_leaves
        )
        save(built.script, folder / "model.pt")
    except Refused as error:
        return refusal(error)
    except (RuntimeError, NotImplementedError) as error:  # raised by a leaf that is traced, or by saving
        return explain(error)
    why = "the source was rewritten for TorchScript, see the diff"
    listed = submodules(subject.model, "script", why)
    traced = dict.fromkeys(built.traced, ("trace", "TorchScript cannot compile it, and it was traced"))
    mode = "hybrid" if traced else "script"
    return Artifact(folder / "model.pt", mode, relabel(listed, traced), notes, built.diff, subject.method)  # type: ignore[arg-type]
