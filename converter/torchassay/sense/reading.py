"""Finds the statement that first computes something else because earlier calls have changed the state.

One call is run twice, on a fresh model and on one that has answered calls before, and the variables of the user's
functions are looked at after every statement. The first that differs was computed from the state: a trace keeps what it
was for a fresh model.
"""

from __future__ import annotations

import hashlib
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Any

import torch

from torchassay.base.child import run_child
from torchassay.inputs.call import Call
from torchassay.loading.contents import raw
from torchassay.loading.subject import Subject
from torchassay.sense.frames import origin_of
from torchassay.sense.leak import Frame
from torchassay.sense.trial import seed

_STEPS = 20_000
_ELEMENTS = 1 << 16  # of a larger tensor only the shape is looked at
_ITEMS = 64
_DEPTH = 3

Stack = tuple[tuple[str, int, str, str], ...]  # file, line, function and module of each of the user's frames


@dataclass(frozen=True, slots=True)
class Step:
    """Something that Python did: the statement behind it, what was held then, and the statement that is at work now."""

    event: tuple[str, str, int, str]
    behind: Stack
    held: bytes
    now: Stack


@dataclass(frozen=True, slots=True)
class Reading:
    """The frames down to the statement; `first` is whether it ran before the one that changes the state."""

    frames: tuple[Frame, ...]
    first: bool


def first_reading(fresh: Subject, used: Subject, call: Call, change: tuple[str, int], *, timeout: float) -> Reading | None:
    """The statement at which the call on `used` first differs from the one on `fresh`; None where nothing was seen to.

    `change` is the file and line of the statement that changes the state.
    """
    result = run_child(partial(_first_reading, fresh, used, call, change), timeout=timeout)
    return result.value if result.status == "ok" else None


def _first_reading(fresh: Subject, used: Subject, call: Call, change: tuple[str, int]) -> Reading | None:
    steps = [Watch(subject.fresh(), call).steps for subject in (fresh, used)]
    changed = False
    now: Stack = ()
    for one, other in zip_longest(*steps):
        parted = one is None or other is None or one.event != other.event
        if parted or one.held != other.held:
            found = now if parted else one.behind
            return Reading(tuple(Frame(*part) for part in found), not changed) if found else None
        now = one.now
        changed = changed or (bool(now) and now[-1][:2] == change)
    return None


class Watch:
    """Runs a call and takes down every step in the user's functions, up to a limit."""

    def __init__(self, subject: Subject, call: Call) -> None:
        self.steps: list[Step] = []
        self._paths = {id(module): path for path, module in subject.model.named_modules()}
        self._frames: list[types.FrameType] = []  # the user's, from the outermost in
        self._at: list[int] = []  # the line that is at work in each
        seed()
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            subject.call(call.clone())
        except Exception:  # noqa: S110 - a model may raise only when it was used before; what it did until then is seen
            pass
        finally:
            sys.settrace(before)

    def _enter(self, frame: types.FrameType, _event: str, _argument: object) -> Any:
        if len(self.steps) >= _STEPS or origin_of(frame.f_code.co_filename) not in ("user", "package"):
            return None
        behind = self._stack()
        self._frames.append(frame)
        self._at.append(frame.f_lineno)
        self._note("call", frame, behind, frame.f_locals, behind)
        return self._step

    def _step(self, frame: types.FrameType, event: str, argument: object) -> Any:
        if len(self.steps) >= _STEPS or frame not in self._frames or event not in ("line", "return"):
            return self._step
        while self._frames[-1] is not frame:  # ended by an exception
            self._leave()
        behind = self._stack()
        if event == "line":
            self._at[-1] = frame.f_lineno
            self._note("line", frame, behind, frame.f_locals, self._stack())
        else:
            self._leave()
            self._note("return", frame, behind, {"": argument}, self._stack())
        return self._step

    def _leave(self) -> None:
        self._frames.pop()
        self._at.pop()

    def _note(self, event: str, frame: types.FrameType, behind: Stack, held: dict[str, object], now: Stack) -> None:
        code = frame.f_code
        digest = hashlib.sha1(usedforsecurity=False)
        for name in sorted(held):
            digest.update(name.encode() + b"=")
            for part in _parts(held[name], 0):
                digest.update(part)
        self.steps.append(Step((event, code.co_filename, frame.f_lineno, code.co_name), behind, digest.digest(), now))

    def _stack(self) -> Stack:
        found = []
        module = ""
        for frame, line in zip(self._frames, self._at, strict=True):
            module = self._paths.get(id(frame.f_locals.get("self")), module)
            found.append((frame.f_code.co_filename, line, frame.f_code.co_name, module))
        return tuple(found)


def _parts(value: object, depth: int) -> Iterator[bytes]:
    """A value as bytes, as far as it consists of numbers, texts, tensors and containers of these."""
    if isinstance(value, torch.Tensor):
        yield f"{tuple(value.shape)}{value.dtype}".encode()
        yield raw(value, _ELEMENTS) or b""
    elif value is None or isinstance(value, bool | int | float | complex | str):
        yield repr(value).encode()
    elif isinstance(value, list | tuple | dict) and depth < _DEPTH:
        items = [part for pair in value.items() for part in pair] if isinstance(value, dict) else value
        yield f"{type(value).__name__}{len(items)}".encode()
        for item in items[-_ITEMS:]:
            yield from _parts(item, depth + 1)
    else:
        yield type(value).__name__.encode()
