"""Finds the syntax of a function object: by file, line, and for lambdas by column."""

from __future__ import annotations

import ast
import inspect
import linecache
import types
from functools import lru_cache

FunctionNode = ast.FunctionDef | ast.Lambda


@lru_cache(maxsize=256)
def file_tree(file: str) -> ast.Module | None:
    """The parsed file, None when it cannot be read."""
    lines = linecache.getlines(file)
    try:
        return ast.parse("".join(lines)) if lines else None
    except SyntaxError:
        return None


def function_node(code: types.CodeType) -> FunctionNode | None:
    """The definition that `code` was compiled from."""
    tree = file_tree(code.co_filename)
    if tree is None:
        return None
    found = [node for node in ast.walk(tree) if _is_definition(node, code)]
    if len(found) > 1:
        found = [node for node in found if _holds(node, code)]
    if not found:
        return None
    node = found[0]
    return node if isinstance(node, (ast.FunctionDef, ast.Lambda)) else None


def _is_definition(node: ast.AST, code: types.CodeType) -> bool:
    if isinstance(node, ast.FunctionDef):
        first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
        return node.name == code.co_name and code.co_firstlineno in (first, node.lineno)
    return isinstance(node, ast.Lambda) and code.co_name == "<lambda>" and node.lineno == code.co_firstlineno


def _holds(node: ast.AST, code: types.CodeType) -> bool:
    if not isinstance(node, ast.Lambda):
        return True
    columns = [start for _, _, start, _ in code.co_positions() if start]
    body = node.body
    return bool(columns) and body.col_offset <= max(columns) < (body.end_col_offset or 0)


def closure_of(function: types.FunctionType) -> dict[str, object]:
    """The free variables of a function with their present values."""
    found: dict[str, object] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # an empty cell: the name is not bound yet
            continue
    return found


def cells_of(function: types.FunctionType) -> dict[str, types.CellType]:
    """The free variables of a function as the places that hold their values."""
    return dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))


def statement_text(file: str, line: int) -> str:
    """The first line of a statement, stripped."""
    return linecache.getline(file, line).strip()


def assigned_names(nodes: list[ast.stmt]) -> list[str]:
    """Names that the statements bind, or set an attribute of, nested functions left out, in order of appearance."""
    found: dict[str, None] = {}
    for node in _walk(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found[node.id] = None
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            found[node.value.id] = None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "next":
            found.update((item.id, None) for item in node.args[:1] if isinstance(item, ast.Name))
        elif isinstance(node, (ast.FunctionDef, ast.MatchAs, ast.MatchStar)) and node.name is not None:
            found[node.name] = None
    return list(found)


MUTATORS = frozenset(
    (
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "clear",
        "update",
        "setdefault",
        "reverse",
        "sort",
        "popitem",
        "appendleft",
        "popleft",
        "add",
        "discard",
        "__setitem__",
    )
)


def mutated_names(nodes: list[ast.stmt]) -> set[str]:
    """Names whose containers are changed in place, by nested functions too."""
    found: set[str] = set()
    for node in (node for statement in nodes for node in ast.walk(statement)):
        target: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            target = node.func.value
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            target = node.value
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            target = node.target
        while isinstance(target, ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            found.add(target.id)
    return _with_aliases(nodes, found)


def _with_aliases(nodes: list[ast.stmt], names: set[str]) -> set[str]:
    """The names and those that may hold the same object: `a = b` in either direction."""
    pairs = [
        (target.id, node.value.id)
        for statement in nodes
        for node in ast.walk(statement)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    grown = set(names)
    while True:
        more = {name for pair in pairs if set(pair) & grown for name in pair}
        if more <= grown:
            return grown
        grown |= more


def leaves_loop(nodes: list[ast.stmt]) -> bool:
    """Whether the statements hold a `break` or `continue` of the loop that they are the body of."""
    for node in nodes:
        if isinstance(node, (ast.Break, ast.Continue)):
            return True
        if isinstance(node, (ast.For, ast.While)):
            if leaves_loop(node.orelse):
                return True
            continue
        for block in ("body", "orelse", "finalbody"):
            if leaves_loop(getattr(node, block, [])):
                return True
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            if leaves_loop(part.body):
                return True
    return False


def twins(node: ast.AST) -> dict[str, set[str]]:
    """Names that every statement binds together, as in `h = c = None` and `h, c = cell(x)`: None together, too."""
    places: dict[str, set[int]] = {}
    for item in ast.walk(node):
        if isinstance(item, ast.Assign):
            for part in (part for target in item.targets for part in ast.walk(target)):
                if isinstance(part, ast.Name):
                    places.setdefault(part.id, set()).add(id(item))
        elif isinstance(item, (ast.AugAssign, ast.AnnAssign, ast.For)) and isinstance(item.target, ast.Name):
            places.setdefault(item.target.id, set()).add(id(item))
    return {one: {two for two in places if two != one and places[two] == places[one]} for one in places if len(places[one]) > 1}


def _walk(nodes: list[ast.stmt]) -> list[ast.AST]:
    found: list[ast.AST] = []
    todo: list[ast.AST] = list(reversed(nodes))
    while todo:
        node = todo.pop()
        found.append(node)
        if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            todo.extend(inner for inner in ast.walk(node) if isinstance(inner, (ast.Call, ast.NamedExpr)))
            continue
        todo.extend(reversed(list(ast.iter_child_nodes(node))))
    return found


def is_user_function(function: object) -> bool:
    """A Python function whose source is outside of PyTorch."""
    if not isinstance(function, types.FunctionType):
        return False
    return (function.__module__ or "").split(".")[0] != "torch" and inspect.getsourcefile(function) is not None
