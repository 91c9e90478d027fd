"""The sensor for the world outside the model: random numbers, clocks, the environment, files, threads, tracing flags.

CPython's profile hook reports every call of a C function, however it was imported; Python functions are recognised by
their code. Calls that PyTorch makes for itself are not the model's.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import torch

from torchassay.sense.frames import RawChain, origin_of_frame
from torchassay.sense.recorder import Recorder

_CLOCK = frozenset(
    ("time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "process_time", "process_time_ns")
)
_CLOCK_METHODS = frozenset(("datetime.now", "datetime.utcnow", "date.today", "datetime.today"))
_ENVIRONMENT = frozenset(("getpid", "cpu_count", "gethostname", "getcwd", "uname", "get_num_threads", "getlogin"))
_GRAD_FLAGS = frozenset(("is_grad_enabled", "is_inference_mode_enabled"))
_DTYPE_FLAGS = frozenset(("get_default_dtype", "is_autocast_enabled", "is_autocast_cpu_enabled"))
_SEEDS = frozenset(("manual_seed", "set_rng_state"))

Seen = tuple[str, str]  # the kind of leak and what was asked


class WorldSensor:
    """Records what forward asks of the world. Works in eager runs; under the tracer its answers would be the same."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._codes = _python_functions()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watches this thread."""
        previous = sys.getprofile()
        sys.setprofile(self._on_profile)
        try:
            yield
        finally:
            sys.setprofile(previous)

    def on_call(self, frame: FrameType) -> None:
        """Sees each call of a Python function; the execution sensor passes them on."""
        seen = self._codes.get(frame.f_code)
        if seen is not None and frame.f_back is not None:
            self._note(seen, frame.f_back)

    def _on_profile(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call":
            seen = _classify(argument)
            if seen is not None:
                self._note(seen, frame)

    def _note(self, seen: Seen, caller: FrameType) -> None:
        chain = self._recorder.reader.chain(caller)
        if chain and not _is_importing(chain) and _asked_by_model(caller, through=_THROUGH.get(seen[0], _SETTINGS)):
            taint = frozenset(("value:*",)) if seen[0] == "dlpack" else frozenset(("world:" + seen[0],))
            self._recorder.leak(seen[0], "", subject=seen[1], taint=taint, chain=_outside_of_library(chain))


def _classify(function: Any) -> Seen | None:
    """Returns what a C function asks of the world, or None for nearly all of them."""
    name = getattr(function, "__name__", "")
    owner = getattr(function, "__self__", None)
    if isinstance(owner, random.Random):
        return ("rng", f"random.{name}") if name not in ("seed", "getstate", "setstate") else None
    if name in ("_to_dlpack", "to_dlpack"):
        return ("dlpack", "to_dlpack")
    module = getattr(function, "__module__", None)
    if module == "time":
        return ("clock", f"time.{name}") if name in _CLOCK else None
    if module == "posix":
        return _of_system(name)
    if module == "torch":
        return ("grad", f"torch.{name}") if name in _GRAD_FLAGS else ("dtype", f"torch.{name}") if name in _DTYPE_FLAGS else None
    if name in ("open", "open_code") and module in ("io", "_io"):
        return ("file", "open") if name == "open" else None
    qualified = getattr(function, "__qualname__", "")
    if qualified in _CLOCK_METHODS:
        return ("clock", qualified)
    if isinstance(owner, torch.Generator) and name in _SEEDS:
        return ("rng", f"Generator.{name}")
    return ("environment", f"socket.{name}") if name == "gethostname" else None


def _of_system(name: str) -> Seen | None:
    if name in ("urandom", "getrandom"):
        return ("rng", f"os.{name}")
    return ("environment", f"os.{name}") if name in _ENVIRONMENT else None


def _python_functions() -> dict[CodeType, Seen]:
    """Functions written in Python that ask the world."""
    table: dict[CodeType, Seen] = {
        type(os.environ).__getitem__.__code__: ("environment", "os.environ"),
        torch.manual_seed.__code__: ("rng", "torch.manual_seed"),
        torch.cuda.is_available.__code__: ("environment", "torch.cuda.is_available"),
        torch.cuda.device_count.__code__: ("environment", "torch.cuda.device_count"),
        torch.jit._trace.is_tracing.__code__: ("tracing", "torch.jit.is_tracing"),
        threading.Thread.start.__code__: ("thread", "threading.Thread"),
    }
    seed = getattr(torch.random, "manual_seed", None)
    if hasattr(seed, "__code__"):
        table[seed.__code__] = ("rng", "torch.manual_seed")  # type: ignore[union-attr]
    return table


def _asked_by_model(frame: FrameType | None, through: frozenset[str]) -> bool:
    """True where the model's code asks, itself or `through` these modules of the standard library ("*": through any)."""
    while frame is not None:
        if origin_of_frame(frame) in ("user", "package"):
            return True
        name = str(frame.f_globals.get("__name__", ""))
        passes = name in _THIN or ("*" in through and name.partition(".")[0] not in ("torch", "torchassay")) or name in through
        if not passes:
            return False
        frame = frame.f_back
    return False


_SETTINGS = frozenset(("os", "_collections_abc", "collections.abc", "platform", "pathlib"))
_THROUGH = {"rng": frozenset("*"), "thread": frozenset("*")}
# Wrappers that only pass a question on: who called them asked it.
_THIN = frozenset(("torch.random",))


def _is_importing(chain: RawChain) -> bool:
    """A module that is imported inside of forward runs once, for itself."""
    return any(code.co_name == "<module>" for code, _, _ in chain)


def _outside_of_library(chain: RawChain) -> RawChain:
    """Drops the standard library's inner frames, so that `random.randint` is one site however often it draws."""
    from torchassay.sense.frames import frames_of

    frames = frames_of(chain)
    inner = next((n for n, frame in enumerate(reversed(frames)) if frame.origin in ("user", "package")), 0)
    return chain[inner:]
