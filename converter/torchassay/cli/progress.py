"""Shows what the worker is doing: a live line on a terminal, one plain line per slow stage elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self


class Progress:
    """Writes to stderr only; `quiet` shows nothing."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._status: Any = None
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            self._status = _rich_status()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, event: dict[str, Any]) -> None:
        if self._quiet or event["event"] not in ("stage", "progress"):
            return
        if self._status is not None:
            self._status.update(event["text"])
        elif event["event"] == "stage":
            sys.stderr.write(f"[{time.monotonic() - self._started:5.1f} s] {event['text']}\n")
            sys.stderr.flush()


def _rich_status() -> Any:
    """A spinner, where rich is installed."""
    try:
        from rich.console import Console
        from rich.status import Status
    except ImportError:
        return None
    status = Status("starting", console=Console(stderr=True))
    status.start()
    return status
