"""Loops that are kept: what one turn hands to the next, in variables of one type."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.branches import stand_in
from torchassay.capture.rewrite.dispatch import settle_choice
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.parts import Parts, in_parts
from torchassay.capture.rewrite.rebinding import nonlocal_names
from torchassay.capture.rewrite.sameness import same
from torchassay.capture.rewrite.values import MISSING, Choice, Dynamic, Function, Struct, Value, kind_of, name, sample_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame
    from torchassay.capture.rewrite.iteration import Iteration


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
        if isinstance(value, Choice):
            value = frame.env[text] = settle_choice(frame, value)
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
                sync(frame, loop)
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


def sync(frame: Frame, loop: Turn) -> None:
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
