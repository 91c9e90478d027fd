"""`any` and `all` of a generator: they stop at the first item that decides, as Python does."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.binding import bind_target
from torchassay.capture.rewrite.conditions import test_of
from torchassay.capture.rewrite.evaluator import evaluate, run_block
from torchassay.capture.rewrite.iteration import items_of
from torchassay.capture.rewrite.values import MISSING, Dynamic, Static, Value, call

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def quantify(frame: Frame, node: ast.Call, is_all: bool) -> Value | None:
    """`any(test for item in items)`; None for another argument."""
    generator = node.args[0] if len(node.args) == 1 else None
    if not isinstance(generator, ast.GeneratorExp) or len(generator.generators) != 1:
        return None
    over = generator.generators[0]
    value = evaluate(frame, over.iter)
    items = items_of(frame, value)
    saved = dict(frame.env)
    try:
        if items is None:
            return _loop(frame, generator, value, is_all)
        return _chain(frame, generator, items, is_all)
    finally:
        kept = {text: held for text, held in frame.env.items() if text.startswith("_t_")}
        frame.env = {**saved, **kept}


def _decisive(node: ast.GeneratorExp, is_all: bool) -> ast.expr:
    """The test of one item with the filters of the generator."""
    tests = [*node.generators[0].ifs]
    if not tests:
        return node.elt
    passed = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
    if is_all:
        return ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), passed), node.elt])
    return ast.BoolOp(ast.And(), [passed, node.elt])


def _chain(frame: Frame, node: ast.GeneratorExp, items: list[Value], is_all: bool) -> Value:
    """Over a fixed sequence: `test_1 and test_2 and …`."""
    parts: list[ast.expr] = []
    for item in items:
        names = _Renamed(node.generators[0].target, frame.fresh("_t_item"))
        target = names.visit(copy.deepcopy(node.generators[0].target))
        bind_target(frame, target, frame.once(item))
        parts.append(names.visit(copy.deepcopy(_decisive(node, is_all))))
    if not parts:
        return Static(is_all)
    test = test_of(frame, parts[0] if len(parts) == 1 else ast.BoolOp(ast.And() if is_all else ast.Or(), parts))
    if test.known is not None:
        return Static(test.known)
    return Dynamic(T.BOOL, call("bool", test.code), MISSING if test.taken is None else test.taken)


class _Renamed(ast.NodeTransformer):
    """The variables of a generator under names of their own, one set for each item."""

    def __init__(self, target: ast.expr, prefix: str) -> None:
        found = [item.id for item in ast.walk(target) if isinstance(item, ast.Name)]
        self.names = {text: f"{prefix}_{text}" for text in found}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)


def _loop(frame: Frame, node: ast.GeneratorExp, value: Value, is_all: bool) -> Value:
    """Over another one: a loop that is left at the item that decides."""
    result, items = frame.fresh("_t_all"), frame.fresh("_t_over")
    frame.env[items] = value
    test = _decisive(node, is_all)
    decide = ast.If(
        ast.UnaryOp(ast.Not(), test) if is_all else test,
        [ast.Assign([ast.Name(result, ast.Store())], ast.Constant(not is_all)), ast.Break()],
        [],
    )
    start = ast.Assign([ast.Name(result, ast.Store())], ast.Constant(is_all))
    loop = ast.For(node.generators[0].target, ast.Name(items, ast.Load()), [decide], [])
    for statement in (start, loop, decide, *decide.body):
        statement.lineno = frame.line
    run_block(frame, [start, loop])
    return frame.env[result]
