"""What the worker tells its parent while it works: JSON, one event a line, on a pipe of its own."""

from __future__ import annotations

import json
import os
from typing import Any


class Events:
    """Writes events; a parent that has gone away is no error."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        if descriptor is not None:
            os.set_inheritable(descriptor, False)

    def stage(self, name: str, text: str, *, limit: float | None = None) -> None:
        """A new stage begins; without another event within `limit` seconds it counts as hung."""
        self._send({"event": "stage", "stage": name, "text": text, "limit": limit})

    def progress(self, text: str) -> None:
        """Something to show beside the current stage."""
        self._send({"event": "progress", "text": text})

    def done(self, result: dict[str, Any]) -> None:
        self._send({"event": "done", "result": result})

    def error(self, message: str, help: str | None, exit_code: int, **more: Any) -> None:  # noqa: A002 - the word that messages use
        self._send({"event": "error", "message": message, "help": help, "exit_code": exit_code, **more})

    def _send(self, event: dict[str, Any]) -> None:
        if self._descriptor is None:
            return
        data = (json.dumps(event) + "\n").encode()
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except BrokenPipeError:
            self._descriptor = None
