"""Starts the worker in the user's Python and turns its death into a message."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from torchassay.cli.request import Request

_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
BOOT = """
import sys
if sys.version_info < (3, 11):
    sys.stderr.write("too old: Python %d.%d" % sys.version_info[:2]); sys.exit(97)
sys.path[:] = [p for p in sys.path if p]
sys.path.append(sys.argv[2])
from torchassay.cli.worker import main
sys.exit(main(int(sys.argv[1])))
"""
_TOO_OLD = 97
_START_LIMIT = 120.0
_CLEANUP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker ended without a result: what the user is told."""

    message: str
    help: str | None
    exit_code: int


class Worker:
    """One worker process; iterate over `events()` and leave the block to end it, whatever happens."""

    def __init__(self, python: str, request: Request) -> None:
        self._python = python
        self._request = request
        self._stage = "starting"
        self._limit: float | None = _START_LIMIT
        self._answered = False

    def __enter__(self) -> Self:
        reader, writer = os.pipe()
        self._output: IO[bytes] = tempfile.TemporaryFile()
        environment = worker_environment(dict(os.environ))
        try:
            self._process = subprocess.Popen(
                [self._python, "-c", BOOT, str(writer), _PACKAGE_PARENT],
                stdin=subprocess.PIPE,
                stdout=self._output,
                stderr=self._output,
                env=environment,
                pass_fds=(writer,),
                start_new_session=True,
            )
        finally:
            os.close(writer)
        self._reader = reader
        self._send_request()
        return self

    def _send_request(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(self._request.to_json()).encode())
            self._process.stdin.close()

    def __exit__(self, *_: object) -> None:
        """Ask the worker to clean up after itself, then end whatever is left of it."""
        if not self._answered and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_CLEANUP_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._reader)
        self._output.close()

    def events(self) -> Iterator[dict[str, Any] | Lost]:
        """Every event as it comes; the last is `done`, `error` or a Lost."""
        buffer = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._reader, selectors.EVENT_READ)
            deadline = self._deadline()
            while True:
                wait = None if deadline is None else max(0.0, deadline - time.monotonic())
                if not selector.select(wait):
                    yield self._hung()
                    return
                chunk = os.read(self._reader, 1 << 16)
                if not chunk:
                    yield self._died()
                    return
                buffer += chunk
                while b"\n" in buffer:
                    line, buffer = buffer.split(b"\n", 1)
                    event = json.loads(line)
                    self._note(event)
                    yield event
                    if event["event"] in ("done", "error"):
                        self._answered = True
                        return
                deadline = self._deadline()

    def _deadline(self) -> float | None:
        return None if self._limit is None else time.monotonic() + self._limit

    def _note(self, event: dict[str, Any]) -> None:
        if event["event"] == "stage":
            self._stage = event["text"]
            self._limit = event["limit"]

    def _hung(self) -> Lost:
        return Lost(
            f"no sign of life for {self._limit:.0f} s while {self._stage}",
            "give it longer with --timeout SECONDS, if it is only slow",
            5,
        )

    def _died(self) -> Lost:
        code = self._process.wait()
        last = self._last_line()
        if code == _TOO_OLD:
            return Lost(f"{self._python} is {last.removeprefix('too old: ')}", "the converter needs Python 3.11 or later", 2)
        if code < 0:
            name = signal.Signals(-code).name if -code in list(signal.Signals) else f"signal {-code}"
            return Lost(f"the process crashed with {name} while {self._stage}", None, 5)
        if self._stage == "starting":
            return Lost(f"{self._python} did not start: {last}", "name another Python with --python", 2)
        return Lost(f"the process was ended with exit code {code} while {self._stage}", _exit_advice(last), 5)

    def _last_line(self) -> str:
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - 4096))
        lines = self._output.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""


def _exit_advice(last: str) -> str:
    said = f"; its last words were: {last[:200]}" if last else ""
    return f"code that the model runs calls `os._exit` or the like{said}"


def worker_environment(environment: dict[str, str]) -> dict[str, str]:
    """The user's environment with one thread, and without our own package before theirs.

    Where a run is to use two threads, the one that waits gives its core away: others may need it.
    """
    kept = [p for p in environment.get("PYTHONPATH", "").split(os.pathsep) if p and not _is_ours(p)]
    changed = {"OMP_WAIT_POLICY": "PASSIVE", **environment, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    changed.pop("PYTHONPATH", None)
    return {**changed, "PYTHONPATH": os.pathsep.join(kept)} if kept else changed


def _is_ours(folder: str) -> bool:
    return Path(folder).resolve() == Path(_PACKAGE_PARENT)


def choose_python(asked: str | None, environment: dict[str, str]) -> tuple[str, str]:
    """The Python that runs the model, and why this one."""
    if asked:
        return asked, "--python"
    if chosen := environment.get("TORCHASSAY_PYTHON"):
        return chosen, "TORCHASSAY_PYTHON"
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        folder = environment.get(variable)
        if folder and has_torch(python := str(Path(folder) / "bin" / "python")):
            return python, variable
    found = _which("python3", environment)
    if found and has_torch(found):
        return found, "python3 on PATH"
    return sys.executable, "the launcher's environment"


def _which(name: str, environment: dict[str, str]) -> str | None:
    for folder in environment.get("PATH", "").split(os.pathsep):
        candidate = Path(folder) / name
        if folder and candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    return None


def has_torch(python: str) -> bool:
    """Whether this Python could import torch; asks without importing it."""
    if not Path(python).is_file():
        return False
    if Path(python).resolve() == Path(sys.executable).resolve() and sys.prefix == sys.base_prefix:
        import importlib.util

        return importlib.util.find_spec("torch") is not None
    question = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
    try:
        done = subprocess.run([python, "-c", question], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
