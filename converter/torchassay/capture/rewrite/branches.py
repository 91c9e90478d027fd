"""How branches meet: one variable for what two sides leave, or a number that remembers which side ran."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Unmergeable
from torchassay.capture.rewrite.sameness import alike, copied, describe, same
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Function,
    Static,
    Struct,
    Value,
    expression,
    kind_of,
    literal,
    name,
    plain,
    sample_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame


@dataclass(slots=True)
class Side:
    """One side of a branch after it ran."""

    out: list[ast.stmt]
    env: dict[str, Value]
    refined: dict[Any, T.Type]
    ended: bool
    result: Value | None


def branch(
    frame: Frame,
    test: ast.expr,
    then: Callable[[], Value | None],
    other: Callable[[], Value | None],
    *,
    taken: bool | None = None,
    facts: tuple[dict[Any, T.Type], dict[Any, T.Type]] = ({}, {}),
) -> Value | None:
    """Writes `if test:` with both sides, and joins what they leave in the variables and as a result."""
    sides = [_side(frame, then, facts[0]), _side(frame, other, facts[1])]
    result = _meet(frame, sides, taken)
    body, orelse = sides[0].out, sides[1].out
    if body or orelse:
        frame.emit(ast.If(test, body or [ast.Pass()], orelse))
    elif not isinstance(test, (ast.Name, ast.Constant)):
        pass
    return result


def _side(frame: Frame, run: Callable[[], Value | None], facts: dict[Any, T.Type]) -> Side:
    env, refined, ended = frame.env, frame.refined, frame.ended
    frame.env, frame.refined = dict(env), {**refined, **with_twins(frame, facts)}
    frame.depth += 1
    try:
        with frame.block() as out:
            result = run()
        return Side(out, frame.env, frame.refined, frame.ended, result)
    finally:
        frame.env, frame.refined, frame.ended = env, refined, ended
        frame.depth -= 1


def with_twins(frame: Frame, facts: dict[Any, T.Type]) -> dict[Any, T.Type]:
    """What a test tells about a variable holds for those that are always bound with it."""
    found = dict(facts)
    for place, kind in facts.items():
        for other in frame.twins.get(place[1], ()) if place[0] == "name" else ():
            value = frame.env.get(other)
            if isinstance(value, Dynamic) and T.is_optional(value.type):
                found[("name", other)] = T.NONE if kind == T.NONE else T.bare(value.type)
    return found


def _meet(frame: Frame, sides: list[Side], taken: bool | None) -> Value | None:
    live = [side for side in sides if not side.ended]
    if not live:
        frame.ended = True
        return None
    if len(live) == 1:
        frame.env, frame.refined = live[0].env, live[0].refined
        return live[0].result
    first, second = live
    preferred = 1 if taken is False else 0
    frame.refined = {
        key: first.refined[key] for key in first.refined if key in second.refined and first.refined[key] == second.refined[key]
    }
    merged: dict[str, Value] = {}
    for text in dict.fromkeys((*first.env, *second.env)):
        joined = _meet_name(frame, text, first, second, preferred)
        if joined is not None:
            merged[text] = joined
    frame.env = merged
    if first.result is None or second.result is None:
        return None
    return merge(frame, "_t", first.result, second.result, first.out, second.out, preferred)


def _meet_name(frame: Frame, text: str, first: Side, second: Side, preferred: int) -> Value | None:
    one, two = first.env.get(text), second.env.get(text)
    if one is not None and two is not None:
        return merge(frame, text, one, two, first.out, second.out, preferred)
    present, absent = (one, second.out) if one is not None else (two, first.out)
    if not isinstance(present, Dynamic) or not frame.read_after(text):
        return None
    filler = T.default(present.type)
    if filler is None or not isinstance(present.code, ast.Name):
        return None
    absent.append(stand_in(present.code.id, present.type, filler))
    return present


def merge(
    frame: Frame, text: str, one: Value, two: Value, first: list[ast.stmt], second: list[ast.stmt], preferred: int = 0
) -> Value:
    """One value for what two branches left; their blocks get the assignments that it takes."""
    if same(one, two):
        return one if preferred == 0 else two
    if isinstance(one, Struct) and isinstance(two, Struct) and alike(one, two):
        items = [
            merge(frame, f"_t_{text.lstrip('_')}", a, b, first, second, preferred)
            for a, b in zip(one.items, two.items, strict=True)
        ]
        return Struct(one.kind, list(one.keys), items)
    kind = T.join(kind_of(one), kind_of(two))
    if kind is None or not (storable(one) and storable(two)):
        if fixed(one) and fixed(two):
            return _select(frame, one, two, first, second, preferred)
        raise Unmergeable(
            f"`{text}` is {describe(one)} on one branch and {describe(two)} on the other",
            "use the value inside each branch, or give it one type",
        )
    return _into_variable(frame, text, kind, (one, two), (first, second), preferred)


def _select(frame: Frame, one: Value, two: Value, first: list[ast.stmt], second: list[ast.stmt], preferred: int) -> Value:
    """Objects that no variable holds: a number remembers which branch ran, later uses ask it."""
    target = frame.fresh("_t_which")
    options: list[Value] = []
    chosen = 0
    for number, (value, block) in enumerate(((one, first), (two, second))):
        base = len(options)
        options += value.options if isinstance(value, Choice) else [value]
        block.extend(_numbering(target, value, base))
        if number == preferred:
            chosen = base + (value.chosen if isinstance(value, Choice) else 0)
    frame.declared[target] = T.INT
    return numbered(name(target), options, chosen)


def numbered(which: ast.expr, options: list[Value], chosen: int = 0) -> Choice:
    """The option whose number `which` is."""

    def test(number: int) -> Callable[[], ast.expr]:
        return lambda: ast.Compare(which, [ast.Eq()], [ast.Constant(number)])

    return Choice([test(number) for number in range(len(options))], options, chosen, open=False)


def _is_variable(value: Value, target: str) -> bool:
    return isinstance(value, Dynamic) and isinstance(value.code, ast.Name) and value.code.id == target


def _into_variable(
    frame: Frame,
    text: str,
    kind: T.Type,
    values: tuple[Value, Value],
    blocks: tuple[list[ast.stmt], list[ast.stmt]],
    preferred: int,
) -> Value:
    target = frame.fresh() if text.startswith("_t") else frame.variable(text, kind)
    for value, block in zip(values, blocks, strict=True):
        if _is_variable(value, target) and T.is_subtype(kind_of(value), kind):
            continue
        outer, frame.out = frame.out, block
        try:
            code = frame.code(value, kind)
        finally:
            frame.out = outer
        block.append(ast.Assign([ast.Name(target, ast.Store())], code))
    frame.declared[target] = kind
    frame.refine_container(target, kind)
    sample = sample_of(values[preferred])
    if sample is MISSING:
        sample = sample_of(values[1 - preferred])
    place = None if text.startswith("_t") else ("name", text)
    return Dynamic(kind, name(target), copied(plain(sample)), place)


def stand_in(target: str, kind: T.Type, filler: str) -> ast.stmt:
    """Gives a variable some value where Python leaves it unbound."""
    if T.is_optional(kind) or kind.name in ("List", "Dict"):
        return ast.AnnAssign(ast.Name(target, ast.Store()), T.annotation(kind), expression(filler), 1)
    return ast.Assign([ast.Name(target, ast.Store())], expression(filler))


def storable(value: Value) -> bool:
    """Whether a variable of TorchScript can hold a value."""
    if isinstance(value, Dynamic):
        return True
    if isinstance(value, Static):
        return isinstance(value.data, torch.Tensor) or literal(value.data) is not None
    if isinstance(value, Struct):
        return value.kind in (tuple, list, dict) and all(storable(item) for item in value.items)
    return False


def fixed(value: Value) -> bool:
    """Whether nothing in a value is a variable of the run, so that it means the same after the branch."""
    if isinstance(value, Choice):
        return all(fixed(option) for option in value.options)
    if isinstance(value, Struct):
        return all(fixed(item) for item in value.items)
    return isinstance(value, (Static, Function))


def _numbering(target: str, value: Value, base: int) -> list[ast.stmt]:
    """Statements that store which option a value is."""

    def store(number: int) -> ast.stmt:
        return ast.Assign([ast.Name(target, ast.Store())], ast.Constant(number))

    if not isinstance(value, Choice):
        return [store(base)]
    chain: list[ast.stmt] = [ast.parse("raise RuntimeError('no such item')").body[0]]
    for number in reversed(range(len(value.options))):
        last = number == len(value.options) - 1 and not value.open
        chain = [store(base + number)] if last else [ast.If(value.tests[number](), [store(base + number)], chain)]
    return chain
