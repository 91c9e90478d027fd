"""Runs the eager model and its artifact side by side on the same calls, each from its untouched state."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import _get_current_function_mode_stack, _pop_mode, _push_mode

from torchassay.base.child import Expired, alarm, summarise
from torchassay.base.memory import ran_out
from torchassay.capture.arguments import plain
from torchassay.explore.agree import Disagreement, Raised, compare
from torchassay.explore.chance import seed_all
from torchassay.explore.state import StateGuard
from torchassay.inputs.call import Call

if TYPE_CHECKING:
    from torchassay.loading.subject import Subject


_FIRST_CALL = 60.0  # seconds
_VIEWS = frozenset(
    f"aten::{name}"
    for name in ("view", "select", "slice", "expand", "transpose", "permute", "unsqueeze", "squeeze", "detach", "t")
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of both sides. `failed_at` is the index of the call that disagreed; `skipped` says why nothing counts."""

    calls: tuple[Call, ...]
    expected: tuple[object, ...] = ()
    disagreement: Disagreement | None = None
    failed_at: int = 0
    skipped: str | None = None


class TooMuch(Exception):
    """A call did not end in time, or took more memory than there is."""


class Eager:
    """The user's model on a private copy, with its state under guard."""

    def __init__(self, subject: Subject, seconds: float) -> None:
        self._untouched = subject
        self.subject = subject.fresh()
        self.guard = StateGuard(self.subject.model)
        self._environment = _environment().copy()
        self.seconds = seconds

    def __call__(self, call: Call) -> object:
        """The output of one call, or `Raised`; the state stays as the call leaves it."""
        with _grad_mode(call):
            return guarded(lambda: self.subject.call(call.clone()), self.seconds)

    def warm_up(self, call: Call) -> None:
        """Runs a call with ample time: the first one may import and compile. TooMuch when even that is too little."""
        usual, self.seconds = self.seconds, max(self.seconds, _FIRST_CALL)
        try:
            self(call)
        finally:
            self.seconds = usual
            self.reset()

    def reset(self) -> None:
        if self.guard.stuck:
            self.guard.restore()  # module globals and class attributes belong to the next copy too
            self.subject = self._untouched.fresh()
            self.guard = StateGuard(self.subject.model)
        self.guard.restore()
        if _environment() != self._environment:
            os.environ.clear()
            os.environ.update({os.fsdecode(name): os.fsdecode(value) for name, value in self._environment.items()})


def _environment() -> dict[bytes, bytes]:
    """As it is stored: to decode all of it takes longer than a small model's call."""
    stored: dict[bytes, bytes] = os.environ._data  # type: ignore[attr-defined]
    return stored


class Converted:
    """The artifact, loaded from the very file that is written."""

    def __init__(self, path: Path, method: str, seconds: float) -> None:
        self._path = path
        self._method = method
        self._seconds = seconds
        self._module: Any = load(path)
        self._guard = StateGuard(list(self._module.parameters()), list(self._module.buffers()))
        self._reloads = keeps_hidden_state(self._module._c._get_method(method).inlined_graph)

    def __call__(self, call: Call) -> object:
        ready = plain(call.clone())
        method = self._module if self._method == "forward" else getattr(self._module, self._method)
        with _grad_mode(call):
            return guarded(lambda: method(*ready.args, **ready.kwargs), self._seconds)

    def reset(self) -> None:
        if self._reloads:
            self._module = load(self._path)
        else:
            self._guard.restore()


def keeps_hidden_state(block: Any) -> bool:
    """Whether running a graph changes attributes or its own constants, which only loading again puts back."""
    for node in block.nodes():
        kind = node.kind()
        if kind == "prim::Constant" and str(node.output().type()) == "Generator":
            return True
        if kind == "prim::SetAttr" or any(keeps_hidden_state(inner) for inner in node.blocks()):
            return True
        if kind.startswith("aten::") and kind.endswith("_") and _is_constant(next(iter(node.inputs()))):
            return True
    return False


def _is_constant(value: Any) -> bool:
    node = value.node()
    while node.kind() in _VIEWS:
        node = next(iter(node.inputs())).node()
    return bool(node.kind() == "prim::Constant")


class Pair:
    """Both sides; `run` starts each from the untouched state."""

    def __init__(self, subject: Subject, artifact: Path, *, seconds: float = 5.0) -> None:
        self.eager = Eager(subject, seconds)
        self.converted = Converted(artifact, subject.method, seconds)
        self.runs = 0

    def run(self, calls: Sequence[Call], seed: int = 0) -> Trial:
        """Compares after each call, and stops at the first that disagrees."""
        self.runs += 1
        self.eager.reset()
        self.converted.reset()
        expected: list[object] = []
        for index, call in enumerate(calls):
            try:
                found = self._one(call, seed + index, expected)
            except TooMuch as error:
                return Trial(tuple(calls), skipped=str(error))
            if found is not None:
                return Trial(tuple(calls[: index + 1]), tuple(expected), found, index)
        return Trial(tuple(calls), tuple(expected))

    def _one(self, call: Call, seed: int, expected: list[object]) -> Disagreement | None:
        seed_all(seed)
        left = self.eager(call)
        expected.append(left)
        seed_all(seed)
        return compare(left, self.converted(call))


def guarded(function: Any, seconds: float) -> object:
    """What the function returns, or `Raised`; `TooMuch` when it does not end or takes more memory than there is."""
    with _modes_kept():
        try:
            with alarm(seconds):
                return function()
        except Expired as error:
            _clear_frames(error)
            raise TooMuch(f"a call took longer than {seconds:g} s") from None
        except Exception as error:
            if ran_out(error):
                raise TooMuch("a call took more memory than there is") from None
            summary = summarise(error)
            return Raised(summary.type, summary.message, summary.file, summary.line)


@contextlib.contextmanager
def _modes_kept() -> Iterator[None]:
    """PyTorch takes a mode off its stack while that mode's own function runs; an alarm just then would lose it."""
    modes = _get_current_function_mode_stack()
    try:
        yield
    finally:
        while _get_current_function_mode_stack():
            _pop_mode()
        for mode in modes:
            _push_mode(mode)


def _clear_frames(error: BaseException | None) -> None:
    """Ends at once what an alarm left half done: later, a generator would put its mode on a stack that is in order."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


def _grad_mode(call: Call) -> contextlib.AbstractContextManager[Any]:
    return torch.set_grad_enabled(call.requires_grad)


def load(path: Path) -> Any:
    """The artifact as LibTorch would load it."""
    return torch.jit.load(str(path), map_location="cpu")


@contextlib.contextmanager
def unspecialised() -> Iterator[None]:
    """Runs TorchScript without profiling and fusion, so that no new shape has it compiled again.

    The passes of the default executor stay on, for they are part of what a file means: without them a Python number
    beside a 0-d tensor, which a trace records as a 0-d tensor of f64, makes the result f64.
    """
    fuse_cpu = torch._C._jit_can_fuse_on_cpu()
    torch._C._jit_override_can_fuse_on_cpu(False)
    texpr = torch._C._jit_texpr_fuser_enabled()
    torch._C._jit_set_texpr_fuser_enabled(False)
    profiling = torch._C._jit_set_profiling_mode(False)
    try:
        yield
    finally:
        torch._C._jit_set_profiling_mode(profiling)
        torch._C._jit_override_can_fuse_on_cpu(fuse_cpu)
        torch._C._jit_set_texpr_fuser_enabled(texpr)
