"""Which statements cannot reach the output: a log line, a number that nobody reads again, a branch that holds only such."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

from torchassay.source.index import SourceFile, source_file
from torchassay.source.locate import deciding_construct
from torchassay.source.statement import Position

_LOGGERS = frozenset(("logging", "logger", "log", "_logger", "_log", "warnings", "writer", "summary_writer", "tqdm"))
_LOG_METHODS = frozenset(
    (
        "debug",
        "info",
        "warning",
        "warn",
        "warn_once",
        "warning_once",
        "error",
        "critical",
        "exception",
        "log",
        "log_dict",
        "write",
    )
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_FILLERS = frozenset(("append", "extend", "add", "insert", "appendleft", "clear"))


def is_without_effect(file: str, position: Position | None, line: int, files: Iterable[str]) -> bool:
    """True where what is computed at a place is logged, or stored where none of `files` reads it again.

    `files` are those whose functions ran: an attribute that no line of them reads cannot reach an output.
    """
    source = source_file(file)
    if source is None:
        return False
    node = source.node_at(position) if position is not None else source.node_on(line)
    if node is None:
        return False
    judge = _Judge(source, list(dict.fromkeys((file, *files))))
    construct = deciding_construct(source, node).node
    if isinstance(construct, ast.If):
        return judge.is_idle([*construct.body, *construct.orelse])
    statement = _statement_of(source, node)
    return statement is not None and judge.is_idle([statement])


def _statement_of(source: SourceFile, node: ast.AST) -> ast.stmt | None:
    current: ast.AST = node
    while not isinstance(current, ast.stmt):
        link = source.parent(current)
        if link is None or isinstance(link[0], (ast.Lambda, *_HEADED)):
            return None
        current = link[0]
    return None if isinstance(current, _HEADED) else current


_HEADED = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.Try, ast.Match, ast.FunctionDef, ast.ClassDef)


class _Judge:
    """Judges the statements of one file; attributes are looked for in all files of the model."""

    def __init__(self, source: SourceFile, files: list[str]) -> None:
        self._source = source
        self._files = files

    def is_idle(self, block: list[ast.stmt]) -> bool:
        """True where no statement of the block can change what the model computes."""
        return all(self._is_idle(statement) for statement in block)

    def _is_idle(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Pass):
            return True
        if isinstance(statement, ast.Expr):
            return isinstance(statement.value, ast.Constant) or _is_log(statement.value) or self._fills_unread(statement.value)
        if isinstance(statement, ast.If):
            return self.is_idle([*statement.body, *statement.orelse])
        if isinstance(statement, ast.Assign):
            return all(self._is_unread(target) for target in statement.targets)
        if isinstance(statement, (ast.AugAssign, ast.AnnAssign)):
            return self._is_unread(statement.target)
        return False

    def _is_unread(self, target: ast.expr) -> bool:
        if isinstance(target, ast.Name):
            return self._is_unread_local(target)
        if isinstance(target, ast.Attribute):
            return not any(_reads_attribute(file, target.attr) for file in self._files)
        return False

    def _is_unread_local(self, target: ast.Name) -> bool:
        scope: ast.AST = target
        while not isinstance(scope, _FUNCTIONS):
            link = self._source.parent(scope)
            if link is None:
                return False  # a global: anyone may read it
            scope = link[0]
        for node in ast.walk(scope):
            if isinstance(node, (ast.Global, ast.Nonlocal)) and target.id in node.names:
                return False
            if isinstance(node, ast.Name) and node.id == target.id and isinstance(node.ctx, ast.Load):
                return False
        return not any(isinstance(node, ast.Name) and node.id in ("locals", "vars", "eval") for node in ast.walk(scope))

    def _fills_unread(self, call: ast.expr) -> bool:
        """`self.history.append(...)` where the history is only ever filled."""
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr not in _FILLERS:
            return False
        owner = call.func.value
        return isinstance(owner, ast.Attribute) and not any(_reads_attribute(file, owner.attr) for file in self._files)


def _is_log(call: ast.expr) -> bool:
    if not isinstance(call, ast.Call):
        return False
    if isinstance(call.func, ast.Name):
        return call.func.id == "print"
    if not isinstance(call.func, ast.Attribute):
        return False
    root = call.func.value
    name = root.id if isinstance(root, ast.Name) else root.attr if isinstance(root, ast.Attribute) else ""
    if name == "self":
        return call.func.attr in ("log", "log_dict")
    return name in _LOGGERS and (call.func.attr in _LOG_METHODS or call.func.attr.startswith("add_"))


def _reads_attribute(file: str, name: str) -> bool:
    reads = _attributes_read(file)
    return reads is None or name in reads


@lru_cache(maxsize=256)
def _attributes_read(file: str) -> frozenset[str] | None:
    """Returns the attributes that a file may read; None where there is no source to tell, so that all may be."""
    if file.startswith("<"):
        return frozenset()  # generated code, as a dataclass's __init__, reads what its own file declares
    source = source_file(file)
    return None if source is None else frozenset(_reads(source))


def _reads(source: SourceFile) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and not _only_fills(source, node):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value  # `getattr(self, "name")`, `register_buffer("name", ...)`


def _only_fills(source: SourceFile, node: ast.Attribute) -> bool:
    """True for the `self.history` of the statement `self.history.append(...)`."""
    method = source.parent(node)
    call = source.parent(method[0]) if method is not None else None
    statement = source.parent(call[0]) if call is not None else None
    return (
        method is not None
        and call is not None
        and statement is not None
        and isinstance(method[0], ast.Attribute)
        and method[0].attr in _FILLERS
        and isinstance(call[0], ast.Call)
        and call[1] == "func"
        and isinstance(statement[0], ast.Expr)
    )
