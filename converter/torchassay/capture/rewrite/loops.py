"""Loops: unrolled over what is fixed, kept as loops over what is not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.branches import stand_in
from torchassay.capture.rewrite.conditions import test_of
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate, handles
from torchassay.capture.rewrite.iteration import Iteration, indexed, items_of, iteration_of
from torchassay.capture.rewrite.parts import Parts, in_parts
from torchassay.capture.rewrite.rebinding import nonlocal_names
from torchassay.capture.rewrite.sameness import same
from torchassay.capture.rewrite.source import assigned_names, leaves_loop, mutated_names
from torchassay.capture.rewrite.values import MISSING, Dynamic, Function, Static, Struct, Value, kind_of, name, sample_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame

ROUNDS = 8


class Turn:
    """A loop that is being run: unrolled, or kept with the variables that it carries."""

    def __init__(self, unrolled: bool, depth: int) -> None:
        self.unrolled = unrolled
        self.depth = depth
        self.broken = False
        self.skipped = False
        self.carried: dict[str, tuple[str, T.Type]] = {}
        self.fixed: dict[str, Value] = {}
        self.widened: dict[str, T.Type] = {}
        self.breaks = False
        self.samples: dict[str, object] = {}
        self.left: dict[str, Value] = {}
        self.parts: dict[str, Parts] = {}


class DynamicBreak(Exception):
    """A `break` under a condition that is known only at run time: the loop cannot be unrolled."""


@handles(ast.For)
def _for(frame: Frame, node: ast.For) -> None:
    value = evaluate(frame, node.iter)
    items = items_of(frame, value)
    flag = _flag(frame, node.orelse)
    if items is None or not _unroll(frame, node, items):
        sequence = iteration_of(frame, value) if items is None else indexed(frame, items)
        from torchassay.capture.rewrite.binding import bind_target
        from torchassay.capture.rewrite.evaluator import run_block

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
    from torchassay.capture.rewrite.evaluator import run_block

    value = frame.env[flag]
    if isinstance(value, Static):
        if value.data:
            run_block(frame, orelse)
        return
    frame.branch(frame.code(value), lambda: run_block(frame, orelse), lambda: None)


def _unroll(frame: Frame, node: ast.For, items: list[Value]) -> bool:
    """Runs the body once per item; False when a `break` depends on the run."""
    from torchassay.capture.rewrite.binding import bind_target
    from torchassay.capture.rewrite.evaluator import run_block

    saved, counter = frame.snapshot(), frame.spec.counter
    loop = Turn(True, frame.depth)
    frame.turns.append(loop)
    try:
        held = [frame.temp(item) if isinstance(item, (Dynamic, Struct)) else item for item in items]
        for item in held:
            bind_target(frame, node.target, item)
            run_block(frame, node.body)
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
    _sync(frame, loop)
    loop.breaks = loop.breaks or is_break
    if is_break:
        loop.left.update(frame.env)
    frame.emit(ast.Break() if is_break else ast.Continue())
    frame.ended = True


def _sync(frame: Frame, loop: Turn) -> None:
    """Brings each carried variable to where the next turn expects it."""
    for text, (target, kind) in loop.carried.items():
        value = frame.env.get(text)
        if value is None:
            continue
        sample = sample_of(value)
        if sample is not None and sample is not MISSING:
            loop.samples.setdefault(text, sample)
        joined = T.join(kind, kind_of(value))
        if joined is None or joined == T.ANY:
            raise Refused(f"`{text}` changes its type from one turn of the loop to the next", "give it one type")
        if joined != kind:
            loop.widened[text] = joined
            continue
        if isinstance(value, Dynamic) and isinstance(value.code, ast.Name) and value.code.id == target:
            continue
        frame.assign(target, frame.code(value, kind))
    for text, parts in loop.parts.items():
        loop.widened.update(parts.store(frame, text))
    for text, before in loop.fixed.items():
        after = frame.env.get(text)
        if after is not None and not same(before, after):
            raise Refused(f"`{text}` holds different objects in different turns of the loop", "use a number or a tensor")


def loop_over(
    frame: Frame, sequence: Iteration, body: Callable[[Value], None], changed: list[str], target: str | None = None
) -> None:
    """`for item in sequence`, kept as a loop."""
    header, item = _header(frame, sequence, target)

    def run_body() -> None:
        body(item)

    def close(block: list[ast.stmt]) -> ast.stmt:
        iterable = sequence.native if header.native else ast.Call(name("range"), [sequence.length], [])
        assert iterable is not None
        return ast.For(ast.Name(header.label, ast.Store()), iterable, block or [ast.Pass()], [])

    run_loop(frame, run_body, changed, close)


class _Head:
    def __init__(self, label: str, native: bool) -> None:
        self.label = label
        self.native = native


def _header(frame: Frame, sequence: Iteration, target: str | None) -> tuple[_Head, Value]:
    if sequence.native is not None and sequence.item is not None:
        label = frame.fresh("_t_item")
        item = Dynamic(sequence.item.type, name(label), sequence.item.sample)
        return _Head(label, True), item
    label = frame.fresh("_t_index")
    return _Head(label, False), sequence.element(name(label))


@handles(ast.While)
def _while(frame: Frame, node: ast.While) -> None:
    from torchassay.capture.rewrite.evaluator import run_block

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


def run_loop(frame: Frame, body: Callable[[], None], changed: list[str], close: Callable[[list[ast.stmt]], ast.stmt]) -> None:
    """Runs a loop body until the types of what it carries are stable, and writes the loop."""
    names = list(dict.fromkeys([*changed, *rebound_names(frame)]))
    kinds: dict[str, T.Type] = {}
    for _ in range(ROUNDS):
        saved, counter = frame.snapshot(), frame.spec.counter
        loop = _enter(frame, names, kinds)
        before = len(frame.out)
        block, new = _turn(frame, loop, body, names)
        if not loop.widened:
            frame.emit(close(block))
            _leave_loop(frame, loop, new, before)
            return
        kinds.update(loop.widened)
        frame.rollback(saved)
        frame.spec.counter = counter
    raise Refused("the types of the loop's variables do not settle", "give them one type before the loop")


def rebound_names(frame: Frame) -> list[str]:
    """The variables that nested functions bind by `nonlocal`: a loop that calls them changes these too."""
    functions = [value.node for value in frame.env.values() if isinstance(value, Function) and value.frame is frame]
    return [text for node in functions for text in nonlocal_names(node)]


def _enter(frame: Frame, names: list[str], kinds: dict[str, T.Type]) -> Turn:
    loop = Turn(False, frame.depth)
    for text in names:
        value = frame.env.get(text)
        if value is None:
            continue
        if isinstance(value, Struct) and in_parts(value):
            loop.parts[text] = parts = Parts(value)
            frame.env[text] = parts.enter(frame, text, kinds)
            continue
        kind = kinds.get(text, kind_of(value))
        code = frame.lower(value, kind) if not isinstance(value, Struct) or T.ANY not in kind.args else None
        if code is None:
            loop.fixed[text] = value
            continue
        target = frame.variable(text, kind)
        if not (isinstance(code, ast.Name) and code.id == target):
            if T.is_optional(kind) or kind.name in ("List", "Dict"):
                frame.declare(target, kind, code)
            else:
                frame.declared[target] = kind
                frame.assign(target, code)
        loop.carried[text] = target, kind
        frame.env[text] = Dynamic(kind, name(target), sample_of(value), ("name", text))
    return loop


def _turn(frame: Frame, loop: Turn, body: Callable[[], None], names: list[str]) -> tuple[list[ast.stmt], dict[str, Value]]:
    """One run of the body; its statements, and the variables that it is the first to bind."""
    before = dict(frame.env)
    refined = {place: kind for place, kind in frame.refined.items() if place[0] == "name" and place[1] not in names}
    frame.refined = dict(refined)
    frame.turns.append(loop)
    frame.depth += 1
    ended, frame.ended = frame.ended, False
    try:
        with frame.block() as block:
            body()
            if not frame.ended:
                _sync(frame, loop)
    finally:
        frame.turns.pop()
        frame.depth -= 1
        frame.ended = ended
        frame.refined = refined
    new = {text: value for text, value in {**loop.left, **frame.env}.items() if text not in before}
    frame.env = before
    return block, new


def _leave_loop(frame: Frame, loop: Turn, new: dict[str, Value], position: int) -> None:
    for text, (target, kind) in loop.carried.items():
        sample = loop.samples.get(text, sample_of(frame.env[text]))
        frame.env[text] = Dynamic(kind, name(target), sample, ("name", text))
    for text, parts in loop.parts.items():
        frame.env[text] = parts.value()
    for text, value in new.items():
        filler = T.default(value.type) if isinstance(value, Dynamic) else None
        if not isinstance(value, Dynamic) or filler is None or not isinstance(value.code, ast.Name):
            continue
        if frame.read_after(text):
            frame.out.insert(position, stand_in(value.code.id, value.type, filler))
            frame.env[text] = value
