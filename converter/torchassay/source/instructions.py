"""The place of the instruction that a frame is executing, to the column, from CPython's own position table."""

from __future__ import annotations

from functools import lru_cache
from types import CodeType, FrameType

from torchassay.source.statement import Position


def position_in(frame: FrameType) -> Position | None:
    """Returns the range of source that `frame` is at, or None where the code carries no columns."""
    return position_at(frame.f_code, frame.f_lasti)


def position_at(code: CodeType, instruction: int) -> Position | None:
    """Returns the range of source of the instruction at this byte offset of `code`."""
    table = _positions(code)
    index = instruction // 2
    return table[index] if 0 <= index < len(table) else None


@lru_cache(maxsize=4096)
def _positions(code: CodeType) -> tuple[Position | None, ...]:
    return tuple(_position(*entry) for entry in code.co_positions())


def _position(line: int | None, end_line: int | None, column: int | None, end_column: int | None) -> Position | None:
    if line is None or end_line is None or column is None or end_column is None:
        return None
    return Position(line, end_line, column, end_column)
