"""The ways in which the converter itself cannot go on, each with its exit code."""

from __future__ import annotations


class ConverterError(Exception):
    """The converter could not do its job: one message, one piece of advice, one exit code.

    A wrong *model* is a finding, never one of these.
    """

    exit_code = 2

    def __init__(self, message: str, *, help: str | None = None) -> None:  # noqa: A002 - the word that messages use
        super().__init__(message)
        self.message = message
        self.help = help

    def to_json(self) -> dict[str, object]:
        """The `error` value of a JSON report."""
        return {"message": self.message, "help": self.help}


class UsageError(ConverterError):
    """The command line, an input spec or a reference says something impossible."""

    exit_code = 4


class LoadError(ConverterError):
    """The user's model, weights or inputs could not be brought to life."""


class NothingCheckedError(ConverterError):
    """A check that would have looked at nothing."""

    exit_code = 3


class CrashError(ConverterError):
    """User code crashed, hung or passed its memory limit."""

    exit_code = 5


def a_kind(value: object) -> str:
    """A value's type with its article: `an int`, `a dict`."""
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
