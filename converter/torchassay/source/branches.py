"""Which lines a construct decides about: its branches, the rest after an early return, the body of a loop, the handlers."""

from __future__ import annotations

import ast

from torchassay.source.index import SourceFile, position_of

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def controlled_lines(source: SourceFile, construct: ast.AST) -> set[int]:
    """Returns every line that runs or not as `construct` decides: its branches, and what follows an early exit."""
    if isinstance(construct, ast.If):
        return _of_if(source, construct)
    if isinstance(construct, ast.IfExp):
        return (_range(construct.body) | _range(construct.orelse)) - _range(construct.test)
    if isinstance(construct, _LOOPS):
        return lines_of(construct.body) | lines_of(construct.orelse)
    if isinstance(construct, ast.Try):
        return {line for handler in construct.handlers for line in lines_of(handler.body)}
    if isinstance(construct, ast.Match):
        return {line for case in construct.cases for line in lines_of(case.body)}
    return set()


def _of_if(source: SourceFile, construct: ast.If) -> set[int]:
    lines = lines_of(construct.body) | lines_of(construct.orelse)
    for block in (construct.body, construct.orelse):
        if leaves(block):
            lines |= lines_of(_rest_after(source, construct, block[-1]))
    return lines


def leaves(block: list[ast.stmt]) -> bool:
    """True where a block cannot fall through to what follows it."""
    if not block:
        return False
    last = block[-1]
    if isinstance(last, ast.If):
        return leaves(last.body) and leaves(last.orelse)
    return isinstance(last, (ast.Return, ast.Raise, ast.Break, ast.Continue))


def _rest_after(source: SourceFile, construct: ast.stmt, exit_statement: ast.stmt) -> list[ast.stmt]:
    """Statements that follow `construct` up to where its exit leads: the end of the loop, or of the function."""
    ends_with_loop = isinstance(exit_statement, (ast.Break, ast.Continue))
    rest: list[ast.stmt] = []
    node: ast.AST = construct
    while (link := source.parent(node)) is not None:
        parent, name = link
        block = getattr(parent, name)
        if isinstance(block, list) and node in block and isinstance(node, ast.stmt):
            rest.extend(block[block.index(node) + 1 :])
        if isinstance(parent, _FUNCTIONS) or (ends_with_loop and isinstance(parent, _LOOPS)):
            return rest
        node = parent
    return []  # not inside a function: a module's own statements are nobody's dropped branch


def lines_of(block: list[ast.stmt]) -> set[int]:
    """Returns the lines of the statements in a block, without blank lines and comments between them."""
    lines: set[int] = set()
    for statement in block:
        inner = [child for child in ast.walk(statement) if isinstance(child, (ast.stmt, ast.expr)) and child is not statement]
        lines |= set().union(*(_range(child) for child in inner if not _has_body(child))) if inner else set()
        lines |= {statement.lineno} if _has_body(statement) else _range(statement)
        lines |= {child.lineno for child in inner if _has_body(child)}
    return lines


def _has_body(node: ast.AST) -> bool:
    return isinstance(getattr(node, "body", None), list) or isinstance(node, ast.Match)


def _range(node: ast.AST) -> set[int]:
    place = position_of(node)
    return set() if place is None else set(range(place.line, place.end_line + 1))
