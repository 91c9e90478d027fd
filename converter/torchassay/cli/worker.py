"""The worker process: runs in the user's Python, reads a request on stdin and tells events on a pipe.

Started as `PYTHON -c BOOT`, see `cli/spawn.py`. Nothing of the user's is imported before the request is read.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import traceback
from types import FrameType

from torchassay.base.errors import ConverterError, CrashError
from torchassay.base.events import Events
from torchassay.base.memory import ADVICE, limit_memory, ran_out, spare_memory
from torchassay.cli.request import Request

_PR_SET_PDEATHSIG = 1


def main(descriptor: int) -> int:
    """Convert as asked; every way in which this can end is one event."""
    events = Events(descriptor)
    request = Request.from_json(json.loads(sys.stdin.buffer.read()))
    _detach()
    _end_when_told()
    try:
        torch_problem = _import_torch()
        if torch_problem is not None:
            events.error(*torch_problem, 2)
            return 2
        limit_memory(spare_memory() if request.memory is None else request.memory)
        from torchassay.cli.pipeline import convert

        result = convert(request, events)
        events.done(result)
        return int(result["exit_code"])
    except Exception as error:
        if ran_out(error):
            events.error("the conversion ran out of memory", ADVICE, CrashError.exit_code)
            return CrashError.exit_code
        if isinstance(error, ConverterError):
            events.error(error.message, error.help, error.exit_code, **_details(error))
            return error.exit_code
        trace = traceback.format_exc()
        message = f"the converter failed inside itself: {type(error).__name__}: {error}"
        events.error(message, "this is a fault of the converter; the file that --json writes holds its details", 2, trace=trace)
        return 2


def _details(error: ConverterError) -> dict[str, object]:
    """Where an input spec is wrong, for the caret under it; what stopped TorchScript, as findings."""
    details: dict[str, object] = {}
    text, position = getattr(error, "text", None), getattr(error, "position", None)
    if text is not None and position is not None:
        details |= {"text": text, "position": position}
    findings = getattr(error, "findings", ())
    if findings:
        from torchassay.cli.outcome import portable_finding

        shown = [portable_finding(finding, None).to_json() for finding in findings]
        details["result"] = {"findings": shown}
    return details


def _detach() -> None:
    """The user's code reads nothing from our stdin, and what it prints goes to stderr."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)


def _end_when_told() -> None:
    """SIGTERM unwinds the stack, so that the half-written bundle is removed; the parent's death sends it too."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, leave)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _import_torch() -> tuple[str, str] | None:
    """Import torch with one thread, so that forking stays safe; a message and advice where that fails."""
    try:
        import torch
    except ImportError as error:
        if getattr(error, "name", None) == "torch":
            return (f"{sys.executable} has no torch", "name a Python that has it with --python")
        return (f"torch cannot be imported: {error}", "check this Python's installation of torch")
    release = str(torch.__version__).partition("+")[0].split(".")
    if [int(part) for part in release[:2]] < [2, 4]:
        return (f"torch {torch.__version__} is too old", "install torch 2.4 or later")
    torch.set_num_threads(1)
    return None
