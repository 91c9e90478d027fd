"""How specialisation ends early: a statement it cannot express, or a fact that makes it start again."""

from __future__ import annotations

from torchassay.base.child import is_user_file
from torchassay.capture.rewrite.edits import Remedy


class Refused(Exception):
    """A statement has no counterpart in TorchScript; `help` says what would work, `remedy` how the line is edited."""

    def __init__(self, message: str, advice: str = "", remedy: Remedy | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = advice
        self.remedy = remedy
        self.file: str | None = None
        self.line: int | None = None
        self.function: str | None = None

    def locate(self, file: str, line: int, function: str) -> None:
        """Remembers the innermost place in the user's code."""
        if self.file is None or not is_user_file(self.file):
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
