"""The shortest edit of the user's source that would let a refused statement through, as a diff."""

from __future__ import annotations

import ast
import copy
import linecache
from dataclasses import dataclass
from typing import Literal

from torchassay.capture.rewrite.source import file_tree

Kind = Literal["argument", "delete", "equal", "none"]


@dataclass(frozen=True, slots=True)
class Remedy:
    """How a statement is mended; `called` is the last name of the call in question, where there is one.

    argument: the value comes in as an argument of the function. delete: the statement goes. equal: an identity test
    becomes `torch.equal`. none: a deleted attribute becomes None.
    """

    kind: Kind
    called: str = ""


def edit_text(file: str, line: int, remedy: Remedy) -> str | None:
    """The lines to change, with `-` and `+` in front; None where the statement cannot be found or edited."""
    tree = file_tree(file)
    function = _innermost(tree, line) if tree is not None else None
    statement = _statement(function, line) if function is not None else None
    if function is None or statement is None:
        return None
    if remedy.kind == "delete":
        return _diff(file, [(statement, None)])
    if remedy.kind == "argument":
        return _as_argument(file, function, statement, remedy.called)
    change = _ToEqual() if remedy.kind == "equal" else None
    changed = change.visit(copy.deepcopy(statement)) if change else _none(statement)
    return _diff(file, [(statement, changed)])


def _innermost(tree: ast.Module, line: int) -> ast.FunctionDef | None:
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return max(found, key=lambda node: node.lineno) if found else None


def _statement(function: ast.FunctionDef, line: int) -> ast.stmt | None:
    """The innermost statement at a line that is no block: of a block, only the header is meant."""
    found = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and node.lineno == line and node is not function]
    return max(found, key=lambda node: node.col_offset) if found else None


class _ToName(ast.NodeTransformer):
    """The calls of one function as a name."""

    def __init__(self, called: str, label: str) -> None:
        self.called = called
        self.label = label
        self.found = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if last != self.called:
            return self.generic_visit(node)
        self.found = True
        return ast.Name(self.label, ast.Load())


class _ToEqual(ast.NodeTransformer):
    """`a is b` as `torch.equal(a, b)`."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            return self.generic_visit(node)
        equal = ast.Call(ast.parse("torch.equal", mode="eval").body, [node.left, node.comparators[0]], [])
        return equal if isinstance(node.ops[0], ast.Is) else ast.UnaryOp(ast.Not(), equal)


def _none(statement: ast.stmt) -> ast.stmt | None:
    if not isinstance(statement, ast.Delete):
        return None
    target = copy.deepcopy(statement.targets[0])
    return ast.Assign([target], ast.Constant(None))


def _as_argument(file: str, function: ast.FunctionDef, statement: ast.stmt, called: str) -> str | None:
    taken = {item.arg for item in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    label = f"{called}_value" if f"{called}_value" not in taken else f"given_{called}_value"
    change = _ToName(called, label)
    changed = change.visit(copy.deepcopy(statement))
    if not change.found:
        return None
    header = copy.deepcopy(function)
    required = len(header.args.args) - len(header.args.defaults)
    header.args.args.insert(required, ast.arg(label, ast.Name("float", ast.Load())))
    if statement.lineno == function.lineno:
        header.body = [changed]
        return _diff(file, [(function, header)])
    return _diff(file, [(function, header), (statement, changed)])


def _diff(file: str, changes: list[tuple[ast.stmt, ast.stmt | None]]) -> str:
    lines: list[str] = []
    for before, after in changes:
        old = linecache.getline(file, before.lineno).rstrip()
        lines.append(f"- {old}")
        if after is not None:
            indent = old[: len(old) - len(old.lstrip())]
            lines.append(
                f"+ {indent}{_first_line(ast.fix_missing_locations(after), one_line=before.lineno == before.end_lineno)}"
            )
    return "\n".join(lines)


def _first_line(node: ast.stmt, *, one_line: bool) -> str:
    """The text of a statement; of a block only its header, unless all of it stands on one line."""
    rows = ast.unparse(node).splitlines()
    if one_line and len(rows) == 2:
        return f"{rows[0]} {rows[1].strip()}"
    return rows[0]
