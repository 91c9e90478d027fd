"""Traces a model on one call, in a forked child, and saves what the untouched model would have given.

The tracer takes tensors in plain containers only. Other arguments (None, numbers, text, named tuples) and other
results are handled by a generated method around the traced one: it checks that a frozen argument still has
the value that was traced, so that another value is an error and not a silently wrong answer.
"""

from __future__ import annotations

import inspect
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.base.child import ChildResult, run_child
from torchassay.capture import arguments as binding
from torchassay.capture.artifact import Artifact, CaptureFailure, FailureKind, Note, SubmoduleMode
from torchassay.capture.keeping import Keeper, plain_autograd_functions, plain_copies, quiet_autocast
from torchassay.capture.structure import (
    Reader,
    Unsupported,
    Writer,
    is_traceable,
    is_traceable_output,
    tensors,
    type_of,
)
from torchassay.inputs import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torchassay.inputs.call import Call
    from torchassay.loading.load import Subject

FLAT_METHOD = "_traced"


def trace(subject: Subject, call: Call, *, folder: Path, timeout: float = 600.0) -> Artifact | CaptureFailure:
    """Traces `subject` on `call` in a child; `folder` receives `model.pt`."""
    return settle(run_child(lambda: trace_here(subject, call, folder), timeout=timeout), "trace")


def settle(result: ChildResult[Artifact | CaptureFailure], doing: FailureKind) -> Artifact | CaptureFailure:
    """What a capture in a child came to; a dead child is a failure like any other."""
    if result.status == "ok" and result.value is not None:
        return result.value
    kinds: dict[str, FailureKind] = {"crashed": "crash", "timeout": "timeout", "memory": "memory"}
    kind = kinds.get(result.status, doing)
    advice = "an operator whose error is caught inside `forward` makes the tracer crash" if kind == "crash" else ""
    error = result.error
    return CaptureFailure(
        kind=kind,
        message=f"the {doing} {result.describe()}",
        file=error.file if error else None,
        line=error.line if error else None,
        help=advice,
        details=error.traceback if error else result.output[-2000:],
    )


def trace_here(subject: Subject, call: Call, folder: Path) -> Artifact | CaptureFailure:
    """Like `trace`, in this process: the model is used up by it."""
    notes = enable_torchscript()
    fresh = subject.own()
    try:
        module = trace_module(fresh.model, fresh.method, call.clone())
    except Unsupported as error:
        advice = "return tensors, numbers, texts, tuples, lists and dicts only (in transformers: `use_cache=False`)"
        return CaptureFailure("unsupported", str(error), help=advice, notes=notes)
    path = folder / "model.pt"
    save(module.script, path)
    listed = submodules(fresh.model, "trace", "the whole model was traced")
    return Artifact(path, "trace", listed, (*notes, *module.notes), method=fresh.method)


@dataclass(frozen=True, slots=True)
class Traced:
    """A traced module with what tracing froze."""

    script: torch.jit.ScriptModule
    notes: tuple[Note, ...]


def enable_torchscript() -> tuple[Note, ...]:
    """Turns TorchScript on when `PYTORCH_JIT=0` had turned it off: tracing would hand back the eager model."""
    switch = torch.jit._state._enabled
    if switch.enabled:
        return ()
    switch.enabled = True
    advice = "unset PYTORCH_JIT to let the model's own `torch.jit.script` decorators take effect"
    return (Note("TA120", "PYTORCH_JIT=0 turns TorchScript off; it was turned on for this conversion", advice),)


def save(module: torch.jit.ScriptModule, path: Path) -> None:
    """Writes a TorchScript file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.jit.save(module, str(path))


def trace_module(model: nn.Module, method: str, call: Call) -> Traced:
    """Traces one method of `model` and restores the state that tracing changed."""
    signature = binding.signature_of(getattr(model, method))
    given = binding.bind(signature, call)
    keeper = Keeper(model)
    plain_inputs = bool(given) and all(is_traceable(item.value) for item in given)
    output: list[object] = []
    try:
        with tracing_context(call):
            if plain_inputs:
                traced = _trace_plain(model, method, given, output)
                if traced is not None:
                    return Traced(traced, ())
                keeper.restore()
            return _trace_flat(model, method, given, keeper)
    finally:
        keeper.restore()


def tracing_context(call: Call) -> ExitStack:
    """No gradients unless an input asks for them, no autocast cache, no opaque autograd functions."""
    stack = ExitStack()
    stack.enter_context(quiet_autocast())
    stack.enter_context(plain_autograd_functions())
    stack.enter_context(plain_copies())
    stack.enter_context(torch.set_grad_enabled(call.requires_grad))
    return stack


class _NotPlain(Exception):
    """The model returned what the tracer cannot return."""


def _trace_plain(model: nn.Module, method: str, given: tuple[binding.Argument, ...], output: list[object]) -> Any | None:
    """A trace whose inputs and outputs are the model's own; None when its output is no plain structure."""
    kind = type(model)
    original = getattr(kind, method)

    def checked(self: nn.Module, values: dict[str, object]) -> object:
        call = binding.rebuild(given, values)
        result = original(self, *call.args, **call.kwargs)
        if not is_traceable_output(result):
            raise _NotPlain
        return result

    wrapper = with_parameters(method, [item.name for item in given], checked)
    model.__class__ = subclass(kind, {method: wrapper})
    try:
        return run_tracer(model, method, tuple(item.value for item in given))
    except _NotPlain:
        return None
    finally:
        model.__class__ = kind


def _trace_flat(model: nn.Module, method: str, given: tuple[binding.Argument, ...], keeper: Keeper) -> Traced:
    """A trace over the bare tensors, inside a generated method with the model's own signature and result."""
    reader = Reader()
    for item in given:
        reader.read(item.name, item.value, item.name)
    flat = [tensor for item in given for tensor in tensors(item.value)]
    seen: list[object] = []

    def flattened(self: nn.Module, values: dict[str, object]) -> tuple[torch.Tensor, ...]:
        feed = iter(values.values())
        named = {item.name: _refill(item.value, feed) for item in given}
        call = binding.rebuild(given, named)
        entry: Callable[..., object] = self if method == "forward" else getattr(self, method)
        result = entry(*call.args, **call.kwargs)
        seen[:] = [result]
        return tuple(tensors(result)) or (torch.zeros(0),)

    kind = type(model)
    wrapper = with_parameters(FLAT_METHOD, [f"t{number}" for number in range(len(flat))], flattened)
    model.__class__ = subclass(kind, {FLAT_METHOD: wrapper})
    try:
        traced = run_tracer(model, FLAT_METHOD, tuple(flat))
    finally:
        model.__class__ = kind
    notes = _define(traced, method, given, reader, seen[0])
    return Traced(traced, notes)


def _refill(value: object, feed: Any) -> object:
    return tree.transform(value, lambda _, leaf: next(feed) if isinstance(leaf, torch.Tensor) else leaf)


def run_tracer(model: nn.Module, method: str, inputs: tuple[object, ...]) -> Any:
    """`torch.jit.trace_module` without its check, which runs the model again and changes its state."""
    return torch.jit.trace_module(model, {method: inputs}, check_trace=False, strict=False)


def subclass(kind: type[nn.Module], members: dict[str, object]) -> type[nn.Module]:
    """A class with the same name and other methods: the TorchScript type keeps the model's name."""
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
    return type(kind.__name__, (kind,), {**names, **members})


def with_parameters(
    name: str, parameters: Sequence[str], body: Callable[[nn.Module, dict[str, object]], object]
) -> Callable[..., object]:
    """A method with exactly these parameters: the tracer names a file's inputs after them."""

    def method(self: nn.Module, *values: object) -> object:
        return body(self, dict(zip(parameters, values, strict=True)))

    kinds = [inspect.Parameter(item, inspect.Parameter.POSITIONAL_OR_KEYWORD) for item in ("self", *parameters)]
    method.__signature__ = inspect.Signature(kinds)  # type: ignore[attr-defined]
    method.__name__ = name
    return method


def _define(traced: Any, method: str, given: tuple[binding.Argument, ...], reader: Reader, result: object) -> tuple[Note, ...]:
    """Adds the generated method to a traced module; its notes tell what is frozen or flattened."""
    numbers = iter(range(1_000_000))
    writer = Writer(lambda: f"o[{next(numbers)}]")
    expression, _ = writer.write(result)
    parameters = ", ".join(_parameter(item) for item in given)
    called = ", ".join(reader.tensors)
    body = [*reader.lines, f"o = self.{FLAT_METHOD}({called})", f"return {expression}"]
    source = "\n".join([f"def {method}(self{', ' if parameters else ''}{parameters}):", *(f"    {x}" for x in body), ""])
    define(traced, source, writer.classes)
    return tuple(_notes(reader, writer))


def _parameter(item: binding.Argument) -> str:
    return f"{item.name}: {type_of(item.value, item.name)}"


def define(module: Any, source: str, names: dict[str, Any]) -> None:
    """Compiles a method into a script module; `names` are the classes that its source mentions."""
    import builtins
    import typing

    scope: dict[str, Any] = {name: getattr(typing, name) for name in ("List", "Dict", "Tuple", "Optional", "Any")}
    scope |= {"torch": torch, "Tensor": torch.Tensor, "Device": torch.device, **names}
    module._c._define(module._concrete_type, source, lambda name: scope.get(name, getattr(builtins, name, None)))


def _notes(reader: Reader, writer: Writer) -> list[Note]:
    frozen = [
        Note(
            "TA104",
            f"argument `{path}` is frozen at {value!r}; another value is refused",
            "script the model, or pass the value as a tensor",
            argument=path,
            frozen=repr(value),
        )
        for path, value in reader.frozen
    ]
    results = [
        Note(
            "TA104",
            f"`{path}` is a Python {type(value).__name__} and is frozen at {value!r}",
            "return a tensor, or script the model",
            argument=path,
            frozen=repr(value),
        )
        for path, value in writer.frozen
    ]
    flattened = [
        Note("TA108", f"`{path}` is a `{kind}` in Python and a plain structure with the same fields in TorchScript")
        for path, kind in writer.flattened
    ]
    return frozen + results + flattened


def submodules(model: nn.Module, mode: str, why: str) -> tuple[SubmoduleMode, ...]:
    """Every submodule, the root included, with one mode for all."""
    return tuple(SubmoduleMode(path, type(module).__name__, mode, why) for path, module in model.named_modules())


def relabel(listed: tuple[SubmoduleMode, ...], changes: dict[str, tuple[str, str]]) -> tuple[SubmoduleMode, ...]:
    """The same list with another mode and reason at some paths and below them."""
    found = list(listed)
    for number, item in enumerate(found):
        for path, (mode, why) in changes.items():
            if path in (item.path, "") or item.path.startswith(path + "."):
                found[number] = replace(found[number], mode=mode, why=why)
    return tuple(found)


__all__ = ["Traced", "Unsupported", "trace", "trace_here", "trace_module"]
