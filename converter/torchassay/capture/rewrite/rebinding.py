"""`nonlocal`: a nested function that binds variables of its surroundings returns their new values."""

from __future__ import annotations

import ast
import copy


def nonlocal_names(node: ast.FunctionDef | ast.Lambda) -> tuple[str, ...]:
    """The variables of its surroundings that a function binds."""
    if isinstance(node, ast.Lambda):
        return ()
    items = (item for statement in node.body for item in ast.walk(statement) if isinstance(item, ast.Nonlocal))
    return tuple(dict.fromkeys(name for item in items for name in item.names))


class _Returning(ast.NodeTransformer):
    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        return ast.copy_location(self.made(node.value), node)

    def made(self, value: ast.expr | None) -> ast.Return:
        parts = [value or ast.Constant(None), *(ast.Name(name, ast.Load()) for name in self.names)]
        return ast.Return(ast.Tuple(parts, ast.Load()))


def returning(node: ast.FunctionDef, names: tuple[str, ...]) -> ast.FunctionDef:
    """The function with `names` as further results."""
    change = _Returning(names)
    made = copy.deepcopy(node)
    made.body = [change.visit(statement) for statement in made.body]
    made.body.append(ast.copy_location(change.made(None), node.body[-1]))
    return ast.fix_missing_locations(made)
