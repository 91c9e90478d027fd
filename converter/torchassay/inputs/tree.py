"""Nested values (tuples, lists, dicts, named tuples, dataclasses) and the paths of their leaves."""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from torchassay.base.errors import ConverterError, a_kind

Step: TypeAlias = str | int | float | bool
MAX_DEPTH = 64
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class PathError(ConverterError):
    """A path that leads nowhere in a value."""


def join(path: str, step: Step) -> str:
    """The grammar's path of a child: `batch.ids`, `pair[0]`, `d["a b"]`."""
    if isinstance(step, str):
        if _IDENTIFIER.match(step):
            return f"{path}.{step}" if path else step
        escaped = step.replace("\\", "\\\\").replace('"', '\\"')
        return f'{path}["{escaped}"]'
    return f"{path}[{str(step).lower()}]"


_STEP = re.compile(
    r'\.?(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\["(?P<text>(?:[^"\\]|\\.)*)"\]|\[(?P<number>[^\]"]+)\]'
)


def split(path: str) -> list[Step]:
    """The steps of a path, the argument's name first."""
    steps: list[Step] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise PathError(f"`{path}` is not a path")
        steps.append(_step_of(match))
        position = match.end()
    return steps


def _step_of(match: re.Match[str]) -> Step:
    if (name := match["name"]) is not None:
        return name
    if (text := match["text"]) is not None:
        return re.sub(r"\\(.)", r"\1", text)
    number = match["number"]
    if number in ("true", "false"):
        return number == "true"
    return float(number) if "." in number or "e" in number else int(number)


def is_namedtuple(value: object) -> bool:
    return isinstance(value, tuple) and isinstance(getattr(value, "_fields", None), tuple)


def children(value: object) -> list[tuple[Step, object]] | None:
    """The parts of a container with their steps, or None for a leaf."""
    if isinstance(value, tuple):
        if is_namedtuple(value):
            return list(zip(value._fields, value, strict=True))  # type: ignore[attr-defined]
        return list(enumerate(value))
    if isinstance(value, list):
        return list(enumerate(value))
    if isinstance(value, Mapping):
        return list(value.items())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    return None


def items(value: object) -> list[object]:
    """The parts of a container without their steps."""
    return [part for _, part in children(value) or ()]


def rebuild(value: object, parts: Sequence[tuple[Step, object]]) -> object:
    """A container like `value` that holds `parts` instead; the class is kept where it can be."""
    items = [part for _, part in parts]
    if is_namedtuple(value):
        return type(value)(*items)
    if isinstance(value, tuple):
        return tuple(items)
    if isinstance(value, list):
        return items
    if type(value) is dict:
        return dict(parts)
    if isinstance(value, Mapping):
        return _rebuild_mapping(value, parts)
    twin = copy.copy(value)
    for step, part in parts:
        object.__setattr__(twin, str(step), part)
    return twin


def _rebuild_mapping(value: Mapping[object, object], parts: Sequence[tuple[Step, object]]) -> object:
    twin = copy.copy(value)
    wanted = [step for step, _ in parts]
    for key in [key for key in twin if key not in wanted]:
        del twin[key]  # type: ignore[attr-defined]
    for step, part in parts:
        twin[step] = part  # type: ignore[index]
    return twin


def walk(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Every leaf with its path, in order."""
    if depth > MAX_DEPTH:
        raise ConverterError(f"`{path[:80]}…` is nested deeper than {MAX_DEPTH} levels")
    parts = children(value)
    if parts is None:
        yield path, value
        return
    for step, part in parts:
        yield from walk(part, join(path, step), depth + 1)


def transform(
    value: object, function: Callable[[str, object], object], path: str = "", depth: int = 0
) -> object:
    """The same structure with every leaf replaced by `function(path, leaf)`."""
    if depth > MAX_DEPTH:
        raise ConverterError(f"`{path[:80]}…` is nested deeper than {MAX_DEPTH} levels")
    parts = children(value)
    if parts is None:
        return function(path, value)
    changed = [
        (step, transform(part, function, join(path, step), depth + 1)) for step, part in parts
    ]
    return rebuild(value, changed)


def get(value: object, steps: Sequence[Step]) -> object:
    """The part of `value` that `steps` lead to; PathError when there is none."""
    for step in steps:
        value = _child(value, step)
    return value


def replace(value: object, steps: Sequence[Step], new: object) -> object:
    """`value` with the part that `steps` lead to replaced by `new`."""
    if not steps:
        return new
    head, rest = steps[0], steps[1:]
    _child(value, head)
    parts = [
        (step, replace(part, rest, new) if step == head else part)
        for step, part in children(value) or ()
    ]
    return rebuild(value, parts)


def _child(value: object, step: Step) -> object:
    for known, part in children(value) or ():
        if known == step and isinstance(known, bool) == isinstance(step, bool):
            return part
    raise PathError(f"there is no `{step}` in {a_kind(value)}")
