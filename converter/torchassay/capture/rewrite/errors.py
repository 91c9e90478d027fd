"""How specialisation ends early: a statement it cannot express, or a fact that makes it start again."""

from __future__ import annotations


class Refused(Exception):
    """A statement has no counterpart in TorchScript; `help` is the shortest edit that would work."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = advice
        self.file: str | None = None
        self.line: int | None = None
        self.function: str | None = None

    def locate(self, file: str, line: int, function: str) -> None:
        """Remembers the innermost place, the first that is named."""
        if self.file is None:
            self.file, self.line, self.function = file, line, function


class Unmergeable(Refused):
    """Two branches leave a name with values that no one variable can hold."""


class Restart(Exception):
    """Something that was taken for fixed changes while the model runs: specialise again, knowing it."""


class AlwaysRaises(Refused):
    """A statement that raises whenever it is reached; `kind` is the exception's class."""

    def __init__(self, message: str, kind: type[BaseException], advice: str = "") -> None:
        super().__init__(message, advice)
        self.kind = kind
