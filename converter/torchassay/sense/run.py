"""One observed run of a call: puts the sensors together, runs forward, and turns the log into a Sensing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from torchassay.inputs.call import Call
from torchassay.loading.subject import Subject
from torchassay.sense.execution import Execution, Hooks
from torchassay.sense.frames import FrameReader, RawChain
from torchassay.sense.recorder import Recorder
from torchassay.sense.state import Part, Watchpoints
from torchassay.sense.taint import TaintMap
from torchassay.sense.tensor_mode import TensorSensor, library_functions_open
from torchassay.sense.tracing import run_traced
from torchassay.sense.world import WorldSensor


class Observation:
    """The sensors of one run and what they have noted."""

    def __init__(self, subject: Subject, call: Call, *, traced: bool, careful: bool, deep: bool) -> None:
        self.subject = subject
        self.call = call
        self.traced = traced
        reader = FrameReader(module_paths(subject.model))
        self.recorder = Recorder(reader)
        self.taint = _taint_of(subject.model, subject, call)
        self.world = WorldSensor(self.recorder)
        calls = None if traced else self.world.on_call
        self.hooks = Hooks(call=calls, line=None, identity=self._on_identity)
        self.execution = Execution(self.recorder, deep=deep, hooks=self.hooks)
        self.sensor = TensorSensor(self.recorder, self.taint, traced=traced, careful=careful)
        self._points: Watchpoints | None = None
        self.raised: BaseException | None = None
        self.output: Any = None

    def watch_state(self, parts: list[Part]) -> None:
        """Also blames the line that changes each of these parts of the model's state."""
        points = Watchpoints(self.subject.model, parts, self.recorder)
        self.execution = Execution(self.recorder, deep=True, hooks=replace(self.hooks, line=points.on_line))
        self._points = points

    def _on_identity(self, compared: tuple[torch.Tensor, torch.Tensor], chain: RawChain) -> None:
        """Two tensors are compared by identity: it can differ where both may be inputs, or one is handed on."""
        paths = [self.taint.input_path(tensor) for tensor in compared]
        labels = frozenset(f"identity:{path}" for path in paths if path is not None)
        if len(labels) == 1 and None in paths:
            labels = frozenset()
        self.recorder.leak("identity", str(compared[0] is compared[1]), subject="is", taint=labels, chain=chain)

    def _on_warning(self, message: str) -> None:
        """Legacy constructors (`torch.Tensor([n])`) are seen by no other sensor than the tracer's own warning."""
        name, _, rest = message.partition(" ")
        if name == "torch.Tensor" and "registered as constants" in rest:
            self.recorder.leak("constructor", "", subject=name, taint=frozenset(("value:*",)))

    def run(self, *watchers: Callable[[], Any]) -> None:
        """Runs the call; what forward raises is kept, not raised. `watchers` give further context managers."""
        try:
            with torch.set_grad_enabled(self.call.requires_grad):
                if self.traced:
                    self.output = run_traced(
                        self.subject.model, list(self.call.tensors()), lambda: self._observed(watchers), self._on_warning
                    )
                else:
                    self.output = self._observed(watchers)
        except BaseException as error:  # whatever a model raises is part of what it does
            if isinstance(error, KeyboardInterrupt):
                raise
            self.raised = error

    def _observed(self, watchers: tuple[Callable[[], Any], ...]) -> Any:
        target = self.subject.model if self.subject.method == "forward" else getattr(self.subject.model, self.subject.method)
        self.recorder.reader.start_below(sys._getframe())
        with ExitStack() as stack:
            stack.enter_context(library_functions_open())
            stack.enter_context(self.sensor)
            for watcher in watchers:
                stack.enter_context(watcher())
            if not self.traced:
                stack.enter_context(self.world.watching())
            stack.enter_context(self.execution.watching())
            return self._called(target)

    def _called(self, target: Callable[..., Any]) -> Any:
        try:
            return target(*self.call.args, **self.call.kwargs)
        finally:
            if self._points is not None:
                self._points.check()


def module_paths(model: nn.Module) -> dict[int, str]:
    """Returns the dotted path of each submodule by identity; of a shared one, its first."""
    paths: dict[int, str] = {}
    for path, module in model.named_modules():
        paths.setdefault(id(module), path)
    return paths


def _taint_of(model: nn.Module, subject: Subject, call: Call) -> TaintMap:
    taint = TaintMap()
    for parameter in model.parameters():
        taint.add(parameter, frozenset(("parameter",)))
    for buffer in model.buffers():
        taint.add(buffer, frozenset(("buffer",)))
    for path, tensor in input_tensors(subject, call):
        taint.mark_input(path, tensor)
    return taint


def input_tensors(subject: Subject, call: Call) -> Iterator[tuple[str, torch.Tensor]]:
    """Yields the tensors of a call with the paths that input specs use."""
    from torchassay.inputs import tree

    for name, value in subject.parameters.by_name(call).items():
        for path, leaf in tree.walk(value, name):
            if isinstance(leaf, torch.Tensor):
                yield path, leaf
