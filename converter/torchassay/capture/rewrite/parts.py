"""Objects with fields that a loop carries: each field is a variable of its own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.sameness import alike, same
from torchassay.capture.rewrite.values import Dynamic, Struct, Value, kind_of, name, sample_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame


def in_parts(value: Struct) -> bool:
    """Whether no single variable of TorchScript holds the structure."""
    return value.kind not in (tuple, list, slice) and (value.kind is not dict or T.ANY in kind_of(value).args)


class Parts:
    """The fields of one structure, in order: the variable and type of each, None for one that stays fixed."""

    def __init__(self, value: Struct) -> None:
        self.shape = value
        self.variables: list[tuple[str, T.Type] | None] = []

    def enter(self, frame: Frame, text: str, kinds: dict[str, T.Type]) -> Value:
        """Puts the fields into variables in front of the loop."""
        for number, part in enumerate(_leaves(self.shape)):
            kind = kinds.get(f"{text}.{number}", kind_of(part))
            code = frame.lower(part, kind) if kind not in (T.ANY, T.UNKNOWN) or isinstance(part, Dynamic) else None
            if code is None:
                self.variables.append(None)
                continue
            target = frame.fresh(f"_t_{text}")
            if T.is_optional(kind) or kind.name in ("List", "Dict"):
                frame.declare(target, kind, code)
            else:
                frame.declared[target] = kind
                frame.assign(target, code)
            self.variables.append((target, kind))
        return self.value()

    def value(self) -> Value:
        """The structure as the loop sees it."""
        parts = iter(self.variables)

        def read(part: Value) -> Value:
            found = next(parts)
            return part if found is None else Dynamic(found[1], name(found[0]), sample_of(part))

        return _rebuilt(self.shape, read)

    def store(self, frame: Frame, text: str) -> dict[str, T.Type]:
        """Brings each field to where the next turn expects it; types that proved too narrow are returned."""
        value = frame.env.get(text)
        if not isinstance(value, Struct) or not _alike(value, self.shape):
            raise Refused(f"`{text}` changes its fields from one turn of the loop to the next", "give it all its fields first")
        widened: dict[str, T.Type] = {}
        for number, (part, variable) in enumerate(zip(_leaves(value), self.variables, strict=True)):
            if variable is None:
                if not same(part, _leaves(self.shape)[number]):
                    raise Refused(f"`{text}` holds different objects in different turns of the loop", "use a number or a tensor")
                continue
            target, kind = variable
            joined = T.join(kind, kind_of(part))
            if joined is None or joined == T.ANY:
                raise Refused(f"a field of `{text}` changes its type from one turn of the loop to the next", "give it one type")
            if joined != kind:
                widened[f"{text}.{number}"] = joined
            elif not (isinstance(part, Dynamic) and isinstance(part.code, ast.Name) and part.code.id == target):
                frame.assign(target, frame.code(part, kind))
        return widened


def _leaves(value: Value) -> list[Value]:
    if isinstance(value, Struct) and value.kind is not list:
        return [leaf for item in value.items for leaf in _leaves(item)]
    return [value]


def _alike(one: Struct, two: Struct) -> bool:
    if not alike(one, two):
        return False
    pairs = zip(one.items, two.items, strict=True)
    return all(not isinstance(a, Struct) or a.kind is list or (isinstance(b, Struct) and _alike(a, b)) for a, b in pairs)


def _rebuilt(value: Struct, read: Callable[[Value], Value]) -> Struct:
    items = [_rebuilt(item, read) if isinstance(item, Struct) and item.kind is not list else read(item) for item in value.items]
    return Struct(value.kind, list(value.keys), items)
