"""Watches Python itself: which lines of the model's code ran, which way each decision went, which exceptions were caught.

CPython's trace hook reports each instruction of the frames that are asked for. A conditional jump followed by another
instruction than the next one was taken: that shows ternaries, short circuits, filters and loop ends that share a line.
"""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import CodeType, FrameType
from typing import Any

import torch

from torchassay.sense.frames import RawChain, origin_of_frame
from torchassay.sense.identity import identity_tests, tensors_compared
from torchassay.sense.recorder import Recorder

_QUIET_EXCEPTIONS = (StopIteration, StopAsyncIteration, GeneratorExit)
TraceFunction = Callable[[FrameType, str, Any], Any]


@dataclass(frozen=True, slots=True)
class Jump:
    """A conditional jump: where execution goes on if it is not taken, and what taking it and not taking it means."""

    kind: str  # "decision" or "loop"
    next_offset: int
    taken: str
    passed: str


@lru_cache(maxsize=4096)
def jumps_of(code: CodeType) -> dict[int, Jump]:
    """Returns the conditional jumps of `code` by their byte offset."""
    found: dict[int, Jump] = {}
    instructions = list(dis.get_instructions(code))
    for this, following in pairwise(instructions):
        name = this.opname
        if name == "FOR_ITER":
            found[this.offset] = Jump("loop", following.offset, "False", "True")
        elif "JUMP" in name and "_IF_" in name:
            found[this.offset] = Jump("decision", following.offset, *_meanings(name))
    return found


def _meanings(name: str) -> tuple[str, str]:
    """What it means that a jump of this name is taken, and that it is not.

    A test against None is one instruction for `is` and `is not`: only the source tells which of them was written.
    """
    if name.endswith("NONE"):
        pair = (IS_NONE, IS_NOT_NONE)
        return pair if name.endswith("IF_NONE") else pair[::-1]
    return ("True", "False") if "TRUE" in name else ("False", "True")


IS_NONE, IS_NOT_NONE = "is None", "is not None"


@dataclass(frozen=True, slots=True)
class Hooks:
    """What else wants to look: at each call of any function, at each line of the model's, at each `is` between tensors."""

    call: Callable[[FrameType], None] | None = None
    line: Callable[[FrameType], None] | None = None
    identity: Callable[[tuple[torch.Tensor, torch.Tensor], RawChain], None] | None = None


class Execution:
    """Installs the trace hook for one run. `deep` also follows installed packages, not only the user's files."""

    def __init__(self, recorder: Recorder, *, deep: bool = False, hooks: Hooks | None = None) -> None:
        self._recorder = recorder
        self._origins = frozenset(("user", "package")) if deep else frozenset(("user",))
        self._hooks = hooks or Hooks()
        self._lines: dict[str, set[int]] = {}
        self.files: set[str] = set()  # whose functions were called, the libraries' too

    @property
    def lines(self) -> dict[str, frozenset[int]]:
        """Returns the lines that ran, by file."""
        return {file: frozenset(lines) for file, lines in self._lines.items()}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watches this thread, and threads begun within."""
        previous = sys.gettrace()
        threading.settrace(self._on_call)
        sys.settrace(self._on_call)
        try:
            yield
        finally:
            sys.settrace(previous)
            threading.settrace(previous)

    def _on_call(self, frame: FrameType, event: str, argument: Any) -> TraceFunction | None:  # noqa: ARG002
        if self._hooks.call is not None:
            self._hooks.call(frame)
        origin = origin_of_frame(frame)
        if origin != "own":
            self.files.add(frame.f_code.co_filename)
        if origin not in self._origins:
            return None
        lines = self._lines.setdefault(frame.f_code.co_filename, set())
        frame.f_trace_opcodes = True
        return _FrameWatch(frame, self._recorder, lines, self._hooks).step


class _FrameWatch:
    """Follows one activation of one function."""

    __slots__ = ("_hooks", "_identities", "_jumps", "_lines", "_outer", "_pending", "_raised", "_recorder")

    def __init__(self, frame: FrameType, recorder: Recorder, lines: set[int], hooks: Hooks) -> None:
        self._recorder = recorder
        self._hooks = hooks
        # Only the user's own files are read for it: parsing a package for the sake of an `is` is too dear.
        self._identities = identity_tests(frame.f_code) if origin_of_frame(frame) == "user" else {}
        self._jumps = jumps_of(frame.f_code)
        self._lines = lines
        self._outer: RawChain | None = None
        self._pending: int | None = None
        self._raised: tuple[int, str] | None = None

    def step(self, frame: FrameType, event: str, argument: Any) -> TraceFunction:
        if event == "opcode":
            self._instruction(frame)
        elif event in ("line", "return"):
            self._lines.add(frame.f_lineno)
            if self._hooks.line is not None:
                self._hooks.line(frame)
        elif event == "exception":
            self._pending = None
            kind = argument[0]
            if not (isinstance(kind, type) and issubclass(kind, _QUIET_EXCEPTIONS)):
                self._raised = (frame.f_lasti, kind.__name__)
        return self.step

    def _instruction(self, frame: FrameType) -> None:
        offset = frame.f_lasti
        if self._pending is not None:
            jump = self._jumps[self._pending]
            outcome = jump.passed if offset == jump.next_offset else jump.taken
            self._recorder.decide(jump.kind, self._chain(frame, self._pending), outcome)
            self._pending = None
        if self._raised is not None:
            # This frame goes on after an exception: it has a handler, be it `except`, `finally` or `with`.
            at, name = self._raised
            self._raised = None
            self._recorder.decide("caught", self._chain(frame, at), name)
        if offset in self._jumps:
            self._pending = offset
        elif offset in self._identities and self._hooks.identity is not None:
            compared = tensors_compared(frame, self._identities[offset])
            if compared is not None:
                self._hooks.identity(compared, self._chain(frame, offset))

    def _chain(self, frame: FrameType, offset: int) -> RawChain:
        if self._outer is None:
            self._outer = self._recorder.reader.chain(frame)
        if not self._outer:
            return ()
        code, _, module = self._outer[0]
        return ((code, offset, module), *self._outer[1:])
