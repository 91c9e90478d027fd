"""Runs a function in a forked child under a time limit, and brings its result back.

Whatever a user's model does to its process (a segmentation fault inside the tracer, `os._exit`, an endless
loop, memory beyond the limit that `base/memory.py` has set) ends the child and becomes a `ChildResult`. Forking
is safe only while the calling process holds no OpenMP pool: the worker runs with one thread for that reason.
"""

import contextlib
import ctypes
import functools
import importlib
import os
import pickle
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Generic, Literal, NoReturn, TypeVar

from torchassay.base.memory import ran_out, says_so

T = TypeVar("T")
Status = Literal["ok", "raised", "crashed", "timeout", "memory"]

_OUTPUT_LIMIT = 64 * 1024
_REAP_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1
_STDLIB = str(Path(os.__file__).parent) + os.sep
# A build may run us through links.
_OURS = tuple(f"{file.parents[1]}{os.sep}" for file in (Path(__file__), Path(__file__).resolve()))


@dataclass(frozen=True, slots=True)
class ErrorSummary:
    """An exception without its objects: it can cross a process boundary and be shown to a user."""

    type: str
    message: str
    file: str | None
    line: int | None
    traceback: str


@dataclass(frozen=True, slots=True)
class ChildResult(Generic[T]):
    """How a child ended; `value` holds what the function returned when `status` is `ok`.

    `imported` names the parts of PyTorch that the function was the first to import.
    """

    status: Status
    value: T | None = None
    error: ErrorSummary | None = None
    signal: int | None = None
    exit_code: int | None = None
    seconds: float = 0.0
    output: str = ""
    imported: tuple[str, ...] = ()

    def describe(self) -> str:
        """One phrase for a message: what went wrong."""
        if self.status == "raised" and self.error is not None:
            return f"raised {self.error.type}: {self.error.message}"
        if self.status == "crashed" and self.signal is not None:
            return f"crashed with {signal_name(self.signal)}"
        if self.status == "crashed":
            return f"ended the process with exit code {self.exit_code}"
        if self.status == "timeout":
            return f"did not finish within {self.seconds:.0f} s"
        return "passed its memory limit" if self.status == "memory" else "succeeded"


def signal_name(number: int) -> str:
    """`SIGSEGV` for 11."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def summarise(error: BaseException) -> ErrorSummary:
    """The parts of an exception that a message needs, with the innermost line of the user's own code."""
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    file, line = user_location(error.__traceback__)
    try:
        message = str(error)
    except Exception:  # a user's __str__ may itself be broken
        message = "<message unavailable>"
    return ErrorSummary(type(error).__qualname__, message, file, line, text)


def user_location(trace: TracebackType | None) -> tuple[str | None, int | None]:
    """File and line of the innermost frame that is neither ours, PyTorch's nor the standard library's."""
    found: tuple[str | None, int | None] = (None, None)
    while trace is not None:
        code = trace.tb_frame.f_code
        if is_user_file(code.co_filename):
            found = (code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return found


def file_of_class(kind: type) -> str:
    """The file of the module that defines a class; `<none>` where there is none."""
    return getattr(sys.modules.get(kind.__module__), "__file__", None) or "<none>"


@functools.cache
def is_user_file(name: str) -> bool:
    """Whether a file is the user's, as opposed to ours, PyTorch's or the interpreter's."""
    if name.startswith("<") or (str(Path(name).absolute()).startswith(_OURS) and not name.endswith("_test.py")):
        return False
    if f"{os.sep}torch{os.sep}" in name:
        return False
    return "site-packages" in name or not name.startswith(_STDLIB)


def run_child(function: Callable[[], T], *, timeout: float, collect: bool = True) -> ChildResult[T]:
    """Runs `function` in a forked child and returns what came of it; never raises for what the child does.

    `timeout` is in seconds of wall time. With `collect` the child's standard output and error come back as
    `output`; without, they are left as they are.
    """
    with tempfile.TemporaryFile() as result, tempfile.TemporaryFile() as output:
        started = time.monotonic()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _child(function, result, output if collect else None)
        status, expired = _wait(pid, timeout)
        seconds = time.monotonic() - started
        outcome: ChildResult[T] = _conclude(status, expired, seconds, result, _tail(output))
        _adopt(outcome.imported)
        return outcome


def _adopt(names: tuple[str, ...]) -> None:
    """Imports what a child had to: parts of PyTorch take seconds, which each later child would spend again."""
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _own_parts() -> set[str]:
    """The modules of PyTorch that are imported."""
    return {name for name in list(sys.modules) if name.startswith("torch.")}


def _child(function: Callable[[], T], result: IO[bytes], output: IO[bytes] | None) -> NoReturn:
    code = 70
    try:
        os.setpgid(0, 0)
        _die_with_parent()
        _reset_signals()
        if output is not None:
            _redirect(output)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _write(result, _evaluate(function))
        code = 0
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _evaluate(function: Callable[[], T]) -> ChildResult[T]:
    before = _own_parts()
    try:
        value = function()
        return ChildResult("ok", value=value, imported=tuple(sorted(_own_parts() - before)))
    except BaseException as error:  # a model may raise SystemExit or KeyboardInterrupt as well
        return ChildResult("memory" if ran_out(error) else "raised", error=summarise(error))


def _write(file: IO[bytes], outcome: ChildResult[T]) -> None:
    try:
        pickle.dump(outcome, file, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        file.seek(0)
        file.truncate()
        status: Status = "memory" if ran_out(error) else "raised"
        pickle.dump(ChildResult(status, error=summarise(error)), file)
    file.flush()


def _wait(pid: int, timeout: float) -> tuple[int, bool]:
    """The wait status of the child, and whether it had to be killed for taking too long."""
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)  # both sides set it: whichever comes first, the group exists
    expired = True
    try:
        expired = not _ended_within(pid, timeout)
    finally:
        kill_group(pid)
        _, status = os.waitpid(pid, 0)
    return status, expired


def _ended_within(pid: int, timeout: float) -> bool:
    handle = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return bool(poll.poll(max(0.0, timeout) * 1000))
    finally:
        os.close(handle)


def kill_group(pid: int) -> None:
    """Ends a child and everything that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _conclude(status: int, expired: bool, seconds: float, result: IO[bytes], output: str) -> ChildResult[T]:
    if os.WIFSIGNALED(status) and expired:
        return ChildResult("timeout", seconds=seconds, output=output)
    if os.WIFSIGNALED(status):
        kind: Status = "memory" if says_so(output) else "crashed"
        return ChildResult(kind, signal=os.WTERMSIG(status), seconds=seconds, output=output)
    outcome: ChildResult[T] | None = _read(result)
    if outcome is None or os.WEXITSTATUS(status) != 0:
        return ChildResult("crashed", exit_code=os.WEXITSTATUS(status), seconds=seconds, output=output)
    return replace(outcome, exit_code=0, seconds=seconds, output=output)


def _read(file: IO[bytes]) -> ChildResult[T] | None:
    file.seek(0)
    try:
        outcome: ChildResult[T] = pickle.load(file)  # noqa: S301 - our own child wrote it
    except EOFError:  # the child left by os._exit before it had a result
        return None
    except Exception as error:  # an object of the user's that pickles but does not load again
        return ChildResult("raised", error=summarise(error))
    return outcome


def _tail(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _OUTPUT_LIMIT))
    return file.read().decode("utf-8", "replace")


def _redirect(output: IO[bytes]) -> None:
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    sys.stdout = open(1, "w", errors="replace", buffering=1, closefd=False)  # noqa: SIM115 - lives as long as the child
    sys.stderr = open(2, "w", errors="replace", buffering=1, closefd=False)  # noqa: SIM115


def _reset_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)


def _die_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Expired(BaseException):
    """Raised inside Python code by `alarm`; no `except Exception` of a user's model can swallow it."""


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raises `Expired` in the main thread when the body runs longer; it cannot interrupt a single operator.

    A body that swallows it, or ends in another error because of it, has expired none the less.
    """
    expired = False

    def expire(_number: int, _frame: FrameType | None) -> None:
        nonlocal expired
        expired = True
        raise Expired

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except Exception:
        if not expired:
            raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    if expired:
        raise Expired
