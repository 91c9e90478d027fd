"""One source file as an index: from the place of an instruction to the expression and the statement that stand there."""

from __future__ import annotations

import ast
import linecache
from functools import lru_cache
from pathlib import Path

from torchassay.source.statement import Position

Link = tuple[ast.AST, str]  # a parent and the field of it that holds the child


class SourceFile:
    """The text and syntax tree of one file. Lines count from 1, columns from 0 in UTF-8 bytes."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.tree = ast.parse(text)
        self._parents: dict[ast.AST, Link] = {}
        self._by_position: dict[Position, ast.AST] = {}
        self._nodes: list[tuple[Position, ast.AST]] = []
        for parent in ast.walk(self.tree):
            for name, child in _children(parent):
                self._parents[child] = (parent, name)
                self._register(child)

    def _register(self, node: ast.AST) -> None:
        place = position_of(node)
        if place is None:
            return
        self._nodes.append((place, node))
        # Parents are walked before children: of several nodes with one range, the innermost is kept.
        self._by_position[place] = node

    def parent(self, node: ast.AST) -> Link | None:
        """Returns the parent of `node` and the field that holds it, or None for the module."""
        return self._parents.get(node)

    def node_at(self, position: Position) -> ast.AST | None:
        """Returns the node with exactly this range, else the smallest that covers it."""
        exact = self._by_position.get(position)
        if exact is not None:
            return exact
        return self._smallest_covering(position)

    def _smallest_covering(self, position: Position) -> ast.AST | None:
        """Descends from the module into whatever covers the range."""
        found: ast.AST | None = None
        pending: list[ast.AST] = [self.tree]
        while pending:
            node = pending.pop()
            place = position_of(node)
            if place is not None:
                if not _covers(place, position):
                    continue
                found = node
            pending.extend(child for _, child in _children(node))
        return found

    def node_on(self, line: int) -> ast.AST | None:
        """Returns the outermost simple statement, or the header of a compound one, that begins on or covers `line`."""
        best: ast.AST | None = None
        for place, node in self._nodes:
            if isinstance(node, ast.stmt) and place.line <= line <= place.end_line:
                best = node if best is None or _size(place) <= _size(position_of(best) or place) else best
        return best

    def segment(self, node: ast.AST) -> str:
        """Returns the source of `node` on one line."""
        place = position_of(node)
        return "" if place is None else self.text_of(place)

    def text_of(self, place: Position) -> str:
        """Returns the source of a range, its line breaks and indentation folded into single spaces."""
        rows = [row.encode() for row in self.lines[place.line - 1 : place.end_line]]
        if not rows:
            return ""
        rows[-1] = rows[-1][: place.end_column]
        rows[0] = rows[0][place.column :]
        pieces = [row.decode(errors="replace").strip() for row in rows]
        return " ".join(piece for piece in pieces if piece and not piece.startswith("#"))


def position_of(node: ast.AST) -> Position | None:
    """Returns the range of a node, or None for those that have none, such as `arguments`."""
    line, end_line = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if line is None or end_line is None:
        return None
    return Position(line, end_line, node.col_offset, node.end_col_offset)  # type: ignore[attr-defined]


def _children(parent: ast.AST) -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []
    for name, value in ast.iter_fields(parent):
        values = value if isinstance(value, list) else [value]
        found.extend((name, child) for child in values if isinstance(child, ast.AST))
    return found


def _size(place: Position) -> tuple[int, int]:
    return (place.end_line - place.line, place.end_column - place.column if place.line == place.end_line else 0)


def _covers(outer: Position, inner: Position) -> bool:
    begins = (outer.line, outer.column) <= (inner.line, inner.column)
    return begins and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


@lru_cache(maxsize=256)
def source_file(path: str) -> SourceFile | None:
    """Returns the index of a file, or None where there is no readable source: `exec`, a notebook, a compiled module."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError):
        text = "".join(linecache.getlines(path))
    if not text:
        return None
    try:
        return SourceFile(path, text)
    except (SyntaxError, ValueError, RecursionError):
        return None
