"""The statement of a model's source that a finding names, and the exact place of an expression in a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where an instruction stands: lines count from 1, columns from 0 in UTF-8 bytes, as CPython gives them."""

    line: int
    end_line: int
    column: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One construct that decides or converts.

    `kind` is one of `if while for ternary assert boolop comprehension match try with assign augassign return call
    subscript expression unknown`. `condition` is the text of what was decided upon, `taken` what the example did
    there, and `dropped_lines` the lines that a trace of the example therefore lacks. `column` counts from 1.
    """

    file: str
    line: int
    end_line: int
    column: int
    text: str
    kind: str
    condition: str | None = None
    taken: str | None = None
    dropped_lines: tuple[int, ...] = ()
    function: str = ""
    end_column: int = 0
    first_line: int = 0  # of the whole statement, which may begin above the deciding expression
    last_line: int = 0
    decides: bool = False  # whether a branch, a loop, a comparison or arithmetic hangs on the expression

    @property
    def place(self) -> tuple[str, int]:
        """Identifies the statement for people: its file and line."""
        return (self.file, self.line)
