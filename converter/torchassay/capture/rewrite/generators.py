"""Generator functions: run to their end, with what they yield collected in a list."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import run_block
from torchassay.capture.rewrite.values import Struct

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def is_generator(node: ast.FunctionDef) -> bool:
    """Whether the function itself yields, nested functions left out."""
    todo: list[ast.AST] = list(node.body)
    while todo:
        item = todo.pop()
        if isinstance(item, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(item, (ast.FunctionDef, ast.Lambda)):
            todo.extend(ast.iter_child_nodes(item))
    return False


class _Collect(ast.NodeTransformer):
    def __init__(self, target: str) -> None:
        self.target = target

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        return ast.copy_location(ast.Return(ast.Name(self.target, ast.Load())), node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Yield) and node.value.value is not None:
            return ast.copy_location(ast.Expr(self._call("append", node.value.value)), node)
        if isinstance(node.value, ast.YieldFrom):
            return ast.copy_location(ast.Expr(self._call("extend", node.value.value)), node)
        return node

    def _call(self, method: str, value: ast.expr) -> ast.Call:
        return ast.Call(ast.Attribute(ast.Name(self.target, ast.Load()), method, ast.Load()), [value], [])


def run_generator(frame: Frame, node: ast.FunctionDef) -> None:
    """The body with `yield` as `append`; the list is the result."""
    target = "yielded"
    body = [_Collect(target).visit(copy.deepcopy(item)) for item in node.body]
    for item in body:
        for part in ast.walk(item):
            if isinstance(part, ast.Yield):
                raise Refused("a generator receives values", "return a list instead")
    frame.mutated.add(target)
    frame.read_after = lambda _: True
    frame.bind(target, Struct(list, [], []))
    last = ast.Return(ast.Name(target, ast.Load()))
    last.lineno = node.lineno
    run_block(frame, [*body, last])
