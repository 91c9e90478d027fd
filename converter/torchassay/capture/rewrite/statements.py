"""Statements: executed as far as they are known, written down as far as they are not."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from torchassay.capture.rewrite import library
from torchassay.capture.rewrite.conditions import test_of
from torchassay.capture.rewrite.dispatch import settle_choice
from torchassay.capture.rewrite.edits import Remedy
from torchassay.capture.rewrite.errors import Refused, Unmergeable
from torchassay.capture.rewrite.evaluator import call_method, call_value, evaluate, forks, handles, run_block
from torchassay.capture.rewrite.expressions import make_function
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.generators import is_generator, run_generator
from torchassay.capture.rewrite.iteration import Iteration
from torchassay.capture.rewrite.lists import comprehension_list
from torchassay.capture.rewrite.source import twins
from torchassay.capture.rewrite.stores import container_of, slice_ends
from torchassay.capture.rewrite.values import (
    Choice,
    Dynamic,
    Static,
    Value,
)


def run_function(frame: Frame, node: ast.FunctionDef | ast.Lambda) -> None:
    """The body of a function, closed by a return."""
    if isinstance(node, ast.Lambda):
        _finish(frame, evaluate(frame, node.body))
        return
    frame.read_after = _reader(frame, node)
    frame.twins = twins(node)
    if is_generator(node):
        run_generator(frame, node)
    else:
        run_block(frame, node.body)
    if not frame.ended:
        _finish(frame, Static(None))


def _reader(frame: Frame, node: ast.FunctionDef) -> Callable[[str], bool]:
    """Whether a name is read later in the function: a variable that nobody reads needs no value."""
    last: dict[str, int] = {}
    for item in ast.walk(node):
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load):
            last[item.id] = max(last.get(item.id, 0), item.lineno)

    def is_read(text: str) -> bool:
        if text.startswith("_t_"):
            return True
        return last.get(text, 0) > (0 if frame.turns else frame.line)

    return is_read


@forks(ast.If)
def _if(frame: Frame, node: ast.If, rest: list[ast.stmt]) -> bool:
    """Runs an `if`; True when the rest of the block had to be run inside its branches."""
    test = test_of(frame, node.test)
    if test.known is not None:
        run_block(frame, node.body if test.known else node.orelse)
        return False
    saved, counter = frame.snapshot(), frame.spec.counter
    try:
        frame.branch(test.code, _runner(frame, node.body), _runner(frame, node.orelse), taken=test.taken, facts=test.facts)
    except Unmergeable:
        if not rest:
            raise
        frame.rollback(saved)
        frame.spec.counter = counter
        both = [*node.body, *rest], [*node.orelse, *rest]
        frame.branch(test.code, _runner(frame, both[0]), _runner(frame, both[1]), taken=test.taken, facts=test.facts)
        return True
    return False


def _runner(frame: Frame, nodes: list[ast.stmt]) -> Callable[[], Value | None]:
    def run_side() -> Value | None:
        run_block(frame, nodes)
        return None

    return run_side


def _finish(frame: Frame, value: Value) -> None:
    if isinstance(value, Choice):
        value = settle_choice(frame, value)
    if isinstance(value, Iteration):
        value = comprehension_list(frame, value)
    if frame.ended:  # the value raises
        return
    node = ast.Return(None)
    frame.emit(node)
    frame.returns.append((node, value))
    frame.ended = True


@handles(ast.Return)
def _return(frame: Frame, node: ast.Return) -> None:
    _finish(frame, Static(None) if node.value is None else evaluate(frame, node.value))


@handles(ast.Pass, ast.Import, ast.ImportFrom)
def _pass(frame: Frame, node: ast.stmt) -> None:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        space: dict[str, Any] = dict(frame.globals)
        exec(compile(ast.Module([node], []), frame.file, "exec"), space)  # noqa: S102 - the import that the user wrote
        for alias in node.names:
            label = alias.asname or alias.name.split(".")[0]
            frame.env[label] = Static(space[label])


@handles(ast.Global, ast.Nonlocal)
def _outer(frame: Frame, node: ast.Global | ast.Nonlocal) -> None:
    """A variable of the surroundings that the function binds: it is kept between calls."""
    for text in node.names:
        frame.spec.cells.change_name(frame, text)
        frame.outer.add(text)


@handles(ast.Expr)
def _expr(frame: Frame, node: ast.Expr) -> None:
    if isinstance(node.value, ast.Constant):
        return
    value = evaluate(frame, node.value)
    if isinstance(value, Dynamic) and isinstance(value.code, ast.Call):
        frame.emit(ast.Expr(value.code))
    elif isinstance(value, Choice):
        settle_choice(frame, value)


@handles(ast.FunctionDef)
def _function(frame: Frame, node: ast.FunctionDef) -> None:
    found: Value = make_function(frame, node)
    for decorator in reversed(node.decorator_list):
        found = call_value(frame, evaluate(frame, decorator), [found], {})
    frame.env[node.name] = found


@handles(ast.Delete)
def _delete(frame: Frame, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.env.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            owner = container_of(frame, target)
            index = evaluate(frame, target.slice)
            if (ends := slice_ends(frame, owner, index)) is not None:
                frame.effect(frame.spec.specialise(library.cut_out, {"values": owner, **ends}, frame))
            else:
                call_method(frame, owner, "pop", [index], {})
        else:
            raise Refused("an attribute is deleted in `forward`", "set it to None", Remedy("none"))
