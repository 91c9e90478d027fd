"""Carries values across a method call: what is fixed is baked in, what is dynamic becomes a parameter."""

from __future__ import annotations

import ast
import copy
from types import CellType
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.frame import Scope as Plain
from torchassay.capture.rewrite.values import (
    Choice,
    Dynamic,
    Function,
    Method,
    Static,
    Struct,
    Super,
    Value,
    name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame, Scope


class Carrier:
    """The dynamic parts of some values, as parameters of a method or as parts of its result."""

    def __init__(self) -> None:
        self.parameters: list[tuple[str, T.Type]] = []
        self._values: list[Value] = []
        self._scopes: dict[tuple[int, int], Scope] = {}  # of functions that are carried already: they may call each other

    def carry(self, value: Value, text: str) -> Value:
        """The same value as it looks on the other side."""
        if isinstance(value, Dynamic):
            return self._parameter(value, text)
        if isinstance(value, Struct):
            parts = [self.carry(item, f"{text}_{key}") for key, item in zip(value.keys, value.items, strict=True)]
            return Struct(value.kind, list(value.keys), parts)
        if isinstance(value, Function):
            known = self._scopes.get((id(value.node), id(value.frame)))
            scope = known if known is not None else self.carry_scope(value.node, value.frame, set())
            return Function(value.node, scope, list(value.defaults), value.keyword_defaults)
        if isinstance(value, Method):
            return Method(self.carry(value.owner, text), value.name)
        if isinstance(value, Choice):
            raise Refused("a value chosen at run time is passed on", "call it where it is chosen")
        return value

    def _parameter(self, value: Dynamic, text: str) -> Dynamic:
        safe = "".join(char if char.isalnum() else "_" for char in text)
        safe = f"{safe}_" if safe in ("self", "None", "True", "False") or not safe.isidentifier() else safe
        taken = {known for known, _ in self.parameters}
        label, number = safe, 2
        while label in taken:
            label, number = f"{safe}_{number}", number + 1
        kind = value.type if value.type != T.NONE else T.optional(T.TENSOR)
        self.parameters.append((label, kind))
        self._values.append(value)
        return Dynamic(value.type, name(label), value.sample, ("name", text))

    def carry_scope(self, node: ast.AST, scope: Scope, own: set[str]) -> Scope:
        """The scope of a nested function with the variables that it captures carried along."""
        inner = Plain(scope.spec, scope.file, scope.globals)
        inner.closure, inner.cells = _captured(scope)
        inner.owner = scope.owner
        inner.parent = scope.parent if not _has_locals(scope.parent) else None
        self._scopes[(id(node), id(scope))] = inner
        for text in sorted(_free_names(node) - own):
            found = _local(scope, text)
            if found is not None:
                inner.env[text] = self.carry(found, text)
        if hasattr(scope, "title"):
            inner.title = scope.title  # type: ignore[attr-defined]
        return inner

    def key(self) -> Any:
        return tuple((text, str(kind)) for text, kind in self.parameters)

    def arguments(self, caller: Frame) -> list[ast.expr]:
        """The code of what is passed."""
        return [caller.code(value, kind) for value, (_, kind) in zip(self._values, self.parameters, strict=True)]

    def values(self) -> list[Value]:
        return list(self._values)

    @staticmethod
    def replace(value: Value, parts: dict[str, ast.expr], seen: frozenset[int] = frozenset()) -> Value:
        """A carried value with its parameter names replaced by code."""
        if isinstance(value, Dynamic) and isinstance(value.code, ast.Name) and value.code.id in parts:
            return Dynamic(value.type, parts[value.code.id], value.sample)
        if isinstance(value, Struct):
            return Struct(value.kind, list(value.keys), [Carrier.replace(item, parts, seen) for item in value.items])
        if isinstance(value, Choice):
            return Choice([_replaced(test, parts) for test in value.tests], value.options, value.chosen, value.open)
        if isinstance(value, Function) and id(value.frame) not in seen:
            for text, item in list(value.frame.env.items()):
                value.frame.env[text] = Carrier.replace(item, parts, seen | {id(value.frame)})
        return value


def _replaced(test: Callable[[], ast.expr], parts: dict[str, ast.expr]) -> Callable[[], ast.expr]:
    """A test on a parameter as a test on what was passed."""

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return parts.get(node.id, node)

    def build() -> ast.expr:
        filled: ast.expr = Fill().visit(copy.deepcopy(test()))
        return filled

    return build


def _has_locals(scope: Scope | None) -> bool:
    return scope is not None and bool(scope.env)


def _captured(scope: Scope) -> tuple[dict[str, Any], dict[str, CellType]]:
    """The variables of closures around a function, inner ones first."""
    closure, cells = dict(scope.closure), dict(scope.cells)
    outer = scope.parent
    while outer is not None:
        closure, cells = {**outer.closure, **closure}, {**outer.cells, **cells}
        outer = outer.parent
    return closure, cells


def _local(scope: Scope | None, text: str) -> Value | None:
    while scope is not None:
        if text in scope.env:
            return scope.env[text]
        if text in scope.cells and scope.spec.cells.knows(scope.cells[text]):
            return None
        if text in scope.closure:
            return Static(scope.closure[text])
        scope = scope.parent
    return None


def _free_names(node: ast.AST) -> set[str]:
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}


def key_of(value: Value) -> Any:
    """What makes two arguments ask for the same specialisation."""
    if isinstance(value, Static):
        data = value.data
        if isinstance(data, (bool, int, float, str, type(None))):
            return ("s", type(data).__name__, repr(data))
        return ("o", id(data))
    if isinstance(value, Dynamic):
        return ("d", str(value.type))
    if isinstance(value, Struct):
        return ("c", getattr(value.kind, "__name__", ""), tuple(value.keys), tuple(map(key_of, value.items)))
    if isinstance(value, Function):
        return (
            "f",
            id(value.node),
            tuple(sorted((k, repr(key_of(v))) for k, v in value.frame.env.items() if not isinstance(v, Function))),
        )
    if isinstance(value, Method):
        return ("m", value.name, key_of(value.owner))
    if isinstance(value, Super):
        return ("u", value.owner, key_of(value.instance))
    return ("?", id(value))
