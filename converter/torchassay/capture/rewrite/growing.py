"""Containers that grow: their types follow what is put in."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.values import Dynamic, Value, kind_of

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def grown(frame: Frame, owner: Dynamic, kind: T.Type) -> None:
    """Lets the type of a container follow what is put in."""
    if kind == owner.type:
        return
    if owner.place is None:
        origin = owner.type.args[0].origin
        if origin is not None and owner.type.args[0] == T.UNKNOWN:
            frame.spec.state.settle_empty(origin, kind.args[0])
        return
    place = frame.aliases.get(owner.place[1], owner.place) if owner.place[0] == "name" else owner.place
    if place[0] == "state":
        frame.spec.state.widen(place[1], place[2], kind)
        return
    origin = owner.type.args[0].origin
    if origin is not None and owner.type.args[0] == T.UNKNOWN and not _is_own(frame, owner):
        frame.spec.state.settle_empty(origin, kind.args[0])
    text = owner.place[1]
    known = frame.env.get(text)
    if isinstance(known, Dynamic):
        frame.env[text] = Dynamic(kind, known.code, known.sample, known.place)
    if isinstance(owner.code, ast.Name):
        frame.refine_container(owner.code.id, kind)
        frame.declared[owner.code.id] = kind


def _is_own(frame: Frame, owner: Dynamic) -> bool:
    """Whether the function itself made the container: a parameter has the type that its caller gave it."""
    return not isinstance(owner.code, ast.Name) or owner.code.id in frame.open


def item_type(owner: Dynamic, value: Value, position: int) -> T.Type:
    known = owner.type.args[position]
    given = kind_of(value)
    joined = T.join(known, given)
    if joined is None or joined == T.ANY:
        raise Refused("items of different types are put into one container", "give the items one type")
    if known not in (T.UNKNOWN, joined) and not T.is_subtype(joined, known) and not T.is_tensor(known):
        return joined
    return joined if known == T.UNKNOWN or T.is_optional(joined) else known
