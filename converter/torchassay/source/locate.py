"""From an instruction's place to the statement that a person would name: the `if`, the ternary, the loop, the assignment."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from torchassay.source.branches import controlled_lines
from torchassay.source.index import Link, SourceFile, position_of, source_file
from torchassay.source.statement import Position, Statement

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_HEADERS = {
    (ast.If, "test"): "if",
    (ast.While, "test"): "while",
    (ast.For, "iter"): "for",
    (ast.AsyncFor, "iter"): "for",
    (ast.Assert, "test"): "assert",
    (ast.Match, "subject"): "match",
}
_SIMPLE = {
    ast.Assign: "assign",
    ast.AnnAssign: "assign",
    ast.AugAssign: "augassign",
    ast.Return: "return",
    ast.With: "with",
    ast.AsyncWith: "with",
    ast.Try: "try",
    ast.Raise: "raise",
    ast.For: "for",
    ast.If: "if",
    ast.While: "while",
    ast.Match: "match",
}
_TEXT_LIMIT = 160
DECIDING = frozenset(("if", "while", "for", "ternary", "assert", "boolop", "comprehension", "match"))


@dataclass(frozen=True, slots=True)
class Construct:
    """What decides at a place: the AST node, its kind, and the expression that it decided upon."""

    node: ast.AST
    kind: str
    subject: ast.AST | None


def statement_at(file: str, position: Position | None, *, line: int = 0, function: str = "") -> Statement:
    """Returns the statement at `position`, or at `line` where no position is known.

    Never fails: where there is no source its kind is `unknown`.
    """
    source = source_file(file)
    node = _node(source, position, line)
    if source is None or node is None:
        return _without_source(file, position, line, function)
    place = position if position is not None else position_of(node)
    construct = deciding_construct(source, node)
    statement = _describe(source, construct, place, function)
    return replace(statement, decides=construct.kind in DECIDING or _is_operand(source, node))


def dropped_at(file: str, position: Position | None, line: int, executed: frozenset[int] | None) -> tuple[int, ...]:
    """Returns the lines that the construct there decides about and that did not run; none where that is unknown."""
    source = source_file(file)
    node = _node(source, position, line)
    if source is None or node is None or executed is None:
        return ()
    return tuple(sorted(controlled_lines(source, deciding_construct(source, node).node) - executed))


def _is_operand(source: SourceFile, node: ast.AST) -> bool:
    """True where a comparison, a truth test or arithmetic uses the expression, as in `flat = x.dim() == 1`."""
    child = node
    while (link := source.parent(child)) is not None and not isinstance(child, ast.stmt):
        if isinstance(link[0], (ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp)):
            return True
        if isinstance(link[0], ast.Call) and link[1] in ("args", "keywords"):
            return False
        child = link[0]
    return False


def _node(source: SourceFile | None, position: Position | None, line: int) -> ast.AST | None:
    if source is None:
        return None
    return source.node_at(position) if position is not None else source.node_on(line)


def deciding_construct(source: SourceFile, node: ast.AST) -> Construct:
    """Climbs from an expression to the nearest construct that it decides, else to its statement."""
    own = _own_construct(node)
    if own is not None:
        return own
    child, boolop = node, None
    while (link := source.parent(child)) is not None:
        decided = _decided(source, child, link)
        if decided is not None:
            return decided
        parent = link[0]
        if isinstance(parent, ast.BoolOp) and boolop is None and child is not parent.values[-1]:
            boolop = Construct(parent, "boolop", child)
        if isinstance(child, ast.stmt):
            break
        child = parent
    return boolop or Construct(child, _simple_kind(child), None)


def _decided(source: SourceFile, child: ast.AST, link: Link) -> Construct | None:
    """Returns the construct that has `child` as its condition, its iterable or its subject."""
    parent, name = link
    kind = _HEADERS.get((type(parent), name))
    if kind is not None:
        return Construct(parent, kind, child)
    if isinstance(parent, ast.IfExp) and name == "test":
        return Construct(parent, "ternary", child)
    owner = source.parent(parent)
    if isinstance(parent, ast.comprehension):
        return Construct(owner[0] if owner else parent, "comprehension", child)
    if isinstance(parent, ast.match_case) and name == "guard":
        return Construct(owner[0] if owner else parent, "match", child)
    return None


def _own_construct(node: ast.AST) -> Construct | None:
    """A jump on a bare name (`if mask:`) carries the range of the whole construct, not that of the name."""
    if isinstance(node, _COMPREHENSIONS):
        return Construct(node, "comprehension", node.generators[0].iter)
    if isinstance(node, ast.IfExp):
        return Construct(node, "ternary", node.test)
    if isinstance(node, ast.BoolOp):
        return Construct(node, "boolop", node.values[0] if len(node.values) == 2 else node)
    for (owner, name), kind in _HEADERS.items():
        if isinstance(node, owner):
            return Construct(node, kind, getattr(node, name))
    return None


def _simple_kind(statement: ast.AST) -> str:
    if isinstance(statement, ast.Expr):
        return "call" if isinstance(statement.value, ast.Call) else "expression"
    return _SIMPLE.get(type(statement), "expression")


def _describe(
    source: SourceFile,
    construct: Construct,
    place: Position | None,
    function: str,
) -> Statement:
    whole = position_of(construct.node) or place or Position(1, 1, 0, 0)
    header = _header(source, construct, whole)
    named = _named_range(construct, header, whole, place or whole)
    condition = source.segment(construct.subject) if construct.subject is not None else None
    return Statement(
        file=source.path,
        line=named.line,
        end_line=named.end_line,
        column=named.column + 1,
        end_column=named.end_column,
        text=_clip(_header_text(source, construct, header)),
        kind=construct.kind,
        condition=_clip(condition) if condition else None,
        function=function,
        first_line=whole.line,
        last_line=whole.end_line,
    )


def _header(source: SourceFile, construct: Construct, whole: Position) -> Position:
    """The part of a compound statement before its colon; all of a simple one."""
    end = position_of(construct.subject) if construct.subject is not None else None
    if _ends_with_colon(construct) and end is not None:
        return Position(whole.line, end.end_line, whole.column, end.end_column)
    if construct.kind in ("ternary", "boolop", "comprehension"):
        link: ast.AST = construct.node
        while not isinstance(link, ast.stmt):
            parent = source.parent(link)
            if parent is None:
                return whole
            link = parent[0]
        statement = position_of(link) or whole
        return statement if not isinstance(getattr(link, "body", None), list) else whole
    if isinstance(getattr(construct.node, "body", None), list):
        return Position(whole.line, whole.line, whole.column, len(source.lines[whole.line - 1].encode()))
    return whole


def _header_text(source: SourceFile, construct: Construct, header: Position) -> str:
    """The header as a person would quote it, on one line, without the brackets that only hold lines together."""
    node, subject = construct.node, construct.subject
    if not _ends_with_colon(construct) or subject is None:
        return source.text_of(header)
    keyword = source.lines[header.line - 1].encode()[header.column :].decode(errors="replace").partition(" ")[0].rstrip("(")
    target = f" {source.segment(node.target)} in" if isinstance(node, (ast.For, ast.AsyncFor)) else ""
    return f"{keyword}{target} {source.segment(subject)}:"


def _named_range(construct: Construct, header: Position, whole: Position, place: Position) -> Position:
    """The lines to name: the header of a statement that decides, the exact expression of any other."""
    if _ends_with_colon(construct) or construct.kind == "assert":
        return header
    subject = position_of(construct.subject) if construct.subject is not None else None
    if subject is not None:
        column = whole.column if whole.line == subject.line else subject.column
        return Position(subject.line, subject.end_line, column, subject.end_column)
    return place


def _ends_with_colon(construct: Construct) -> bool:
    return construct.kind in ("if", "while", "for", "match") and isinstance(construct.node, ast.stmt)


def _clip(text: str) -> str:
    return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…"


def _without_source(file: str, position: Position | None, line: int, function: str) -> Statement:
    at = position or Position(line, line, 0, 0)
    return Statement(
        file=file,
        line=at.line,
        end_line=at.end_line,
        column=at.column + 1,
        text="",
        kind="unknown",
        function=function,
        first_line=at.line,
        last_line=at.end_line,
    )


def header_deciding(source: SourceFile, line: int, reached: frozenset[int]) -> int | None:
    """Returns the line of the nearest reached construct that decides whether `line` runs, or None."""
    node = source.node_on(line)
    while node is not None:
        if line in controlled_lines(source, node) and getattr(node, "lineno", 0) in reached:
            return int(node.lineno)  # type: ignore[attr-defined]
        link = source.parent(node)
        node = link[0] if link is not None else None
    return _earlier_exit(source, line, reached)


def _earlier_exit(source: SourceFile, line: int, reached: frozenset[int]) -> int | None:
    """An `if` above that returned, broke or raised also decides about the lines below it."""
    deciders = [node for node in ast.walk(source.tree) if isinstance(node, ast.If) and line in controlled_lines(source, node)]
    lines = [node.lineno for node in deciders if node.lineno in reached and node.lineno < line]
    return max(lines, default=None)
