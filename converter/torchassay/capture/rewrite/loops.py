"""Loops: unrolled over what is fixed, kept as loops over what is not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite.binding import bind_target
from torchassay.capture.rewrite.conditions import test_of
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate, handles, run_block
from torchassay.capture.rewrite.iteration import Iteration, indexed, items_of, iteration_of
from torchassay.capture.rewrite.source import assigned_names, leaves_loop, mutated_names
from torchassay.capture.rewrite.turns import Turn, loop_over, run_loop, sync
from torchassay.capture.rewrite.values import Dynamic, Static, Struct, Value, expression, name

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame


class DynamicBreak(Exception):
    """A `break` under a condition that is known only at run time: the loop cannot be unrolled."""


def _held(frame: Frame, item: Value) -> Value:
    return frame.temp(item) if isinstance(item, (Dynamic, Struct)) else item


def _turn(frame: Frame, node: ast.For, item: Value) -> None:
    bind_target(frame, node.target, item)
    run_block(frame, node.body)


def _turn_if(frame: Frame, node: ast.For, item: Value, test: ast.expr) -> None:
    """A turn that may not come. Its item is not known afterwards: it may be an object that no variable holds."""
    names = [part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)]

    def turn() -> None:
        _turn(frame, node, item)
        for text in names:
            frame.env.pop(text, None)

    for text in names:
        frame.env.pop(text, None)
    frame.branch(test, turn, lambda: None, taken=True)


@handles(ast.For)
def _for(frame: Frame, node: ast.For) -> None:
    value = evaluate(frame, node.iter)
    items = items_of(frame, value)
    flag = _flag(frame, node.orelse)
    unrolled = _unroll(frame, node, items) if items is not None else _unroll_while_there_are(frame, node, value)
    if not unrolled:
        sequence = iteration_of(frame, value) if items is None else indexed(frame, items)

        def body(item: Value) -> None:
            bind_target(frame, node.target, item)
            run_block(frame, node.body)

        target = node.target.id if isinstance(node.target, ast.Name) else None
        changed = [*assigned_names([node]), *mutated_names(node.body), *([flag] if flag else [])]
        loop_over(frame, sequence, body, changed, target)
    _run_else(frame, node.orelse, flag)


def _flag(frame: Frame, orelse: list[ast.stmt]) -> str | None:
    """A variable that tells whether the loop ran to its end, for its `else`."""
    if not orelse:
        return None
    flag = frame.fresh("_t_complete")
    frame.bind(flag, Static(True))
    return flag


def _run_else(frame: Frame, orelse: list[ast.stmt], flag: str | None) -> None:
    if flag is None or frame.ended:
        return
    value = frame.env[flag]
    if isinstance(value, Static):
        if value.data:
            run_block(frame, orelse)
        return
    frame.branch(frame.code(value), lambda: run_block(frame, orelse), lambda: None)


def _unroll(frame: Frame, node: ast.For, items: list[Value], test: Callable[[int], ast.expr] | None = None) -> bool:
    """Runs the body once per item, under a test where one is given; False when a `break` depends on the run."""
    saved, counter = frame.snapshot(), frame.spec.counter
    loop = Turn(True, frame.depth)
    frame.turns.append(loop)
    try:
        for number, item in enumerate(items if test is not None else [_held(frame, item) for item in items]):
            if test is None:
                _turn(frame, node, item)
            else:
                _turn_if(frame, node, item, test(number))
            if loop.skipped or loop.broken:
                frame.ended = False
                loop.skipped = False
            if loop.broken or frame.ended:
                break
    except DynamicBreak:
        frame.rollback(saved)
        frame.spec.counter = counter
        return False
    finally:
        frame.turns.pop()
    return True


def _unroll_while_there_are(frame: Frame, node: ast.For, value: Value) -> bool:
    """Runs the body once per item, each time only if the sequence is as long as that; False where that cannot be done."""
    if not isinstance(value, Iteration) or value.turns is None:
        return False
    count = frame.fresh("_t_count")
    frame.assign(count, value.length)
    return _unroll(frame, node, value.turns, lambda number: expression("n > i", n=name(count), i=ast.Constant(number)))


@handles(ast.Break, ast.Continue)
def _leave(frame: Frame, node: ast.stmt) -> None:
    """`break` or `continue` of the innermost loop."""
    is_break = isinstance(node, ast.Break)
    if not frame.turns:
        raise Refused("`break` outside of a loop")
    loop = frame.turns[-1]
    if is_break:
        for text in [text for text in frame.env if text.startswith("_t_complete")]:
            if loop.unrolled or text in loop.carried:
                frame.bind(text, Static(False))
    if loop.unrolled:
        if frame.depth != loop.depth:
            raise DynamicBreak
        loop.broken, loop.skipped = loop.broken or is_break, loop.skipped or not is_break
        frame.ended = True
        return
    sync(frame, loop)
    loop.breaks = loop.breaks or is_break
    if is_break:
        loop.left.update(frame.env)
    frame.emit(ast.Break() if is_break else ast.Continue())
    frame.ended = True


@handles(ast.While)
def _while(frame: Frame, node: ast.While) -> None:
    flag = _flag(frame, node.orelse)
    first = frame.snapshot()
    start = test_of(frame, node.test)
    if start.known is False:
        _run_else(frame, node.orelse, flag)
        return
    frame.rollback(first)
    found: dict[str, ast.expr] = {}

    def body() -> None:
        with frame.block() as hoisted:
            test = test_of(frame, node.test)
        code = ast.Constant(True) if test.known else test.code
        if hoisted:
            frame.out.extend(hoisted)
            frame.emit(ast.If(ast.UnaryOp(ast.Not(), code), [ast.Break()], []))
            code = ast.Constant(True)
        found["test"] = code
        frame.refined.update(test.when_true)
        if test.known is not False:
            run_block(frame, node.body)

    changed = [*assigned_names([node]), *mutated_names(node.body), *([flag] if flag else [])]
    run_loop(frame, body, changed, lambda block: ast.While(found["test"], block or [ast.Pass()], []))
    endless = isinstance(found["test"], ast.Constant) and not leaves_loop(node.body)
    if endless and isinstance(node.test, ast.Constant):
        frame.emit_code("raise RuntimeError('a loop without an end has ended')")
        frame.ended = True
        return
    _run_else(frame, node.orelse, flag)
