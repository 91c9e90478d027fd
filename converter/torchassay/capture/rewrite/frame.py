"""One function under specialisation: its variables, the statements written so far, and how branches meet."""

from __future__ import annotations

import ast
import builtins
import contextlib
from dataclasses import dataclass
from types import CellType
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.branches import branch
from torchassay.capture.rewrite.effects import has_effects
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.indices import is_slice
from torchassay.capture.rewrite.lowering import lower
from torchassay.capture.rewrite.sameness import copied, describe
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    kind_of,
    name,
    sample_of,
    unpack,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torchassay.capture.rewrite.specialise import Specialiser

BUILTINS = vars(builtins)


@dataclass(slots=True)
class Snapshot:
    """What a tentative run may change."""

    env: dict[str, Value]
    refined: dict[Any, T.Type]
    out: list[ast.stmt]
    length: int
    declared: dict[str, T.Type]
    returns: int
    ended: bool


class Scope:
    """Where a nested function finds the names that it does not bind itself."""

    def __init__(self, spec: Specialiser, file: str, names: dict[str, Any]) -> None:
        self.spec = spec
        self.file = file
        self.globals = names
        self.closure: dict[str, Any] = {}
        self.cells: dict[str, CellType] = {}
        self.env: dict[str, Value] = {}
        self.parent: Scope | None = None
        self.owner: type | None = None

    def find(self, text: str) -> Value | None:
        """The value of a name; None when it has none."""
        if text in self.env:
            return self.env[text]
        if text in self.closure:
            return Static(self.closure[text])
        if self.parent is not None and (found := self.parent.find(text)) is not None:
            return found
        if text in self.globals:
            return Static(self.globals[text])
        return Static(BUILTINS[text]) if text in BUILTINS else None


class Frame(Scope):
    """A function being specialised into a method of the module at path `host`."""

    def __init__(self, spec: Specialiser, file: str, names: dict[str, Any], host: str, title: str) -> None:
        super().__init__(spec, file, names)
        self.host = host
        self.title = title
        self.out: list[ast.stmt] = []
        self.refined: dict[Any, T.Type] = {}
        self.declared: dict[str, T.Type] = {}
        self.returns: list[tuple[ast.Return, Value]] = []
        self.mutated: set[str] = set()
        self.read_after: Callable[[str], bool] = lambda _: True
        self.twins: dict[str, set[str]] = {}
        self.turns: list[Any] = []
        self.depth = 0
        self.ended = False
        self.line = 0
        self.open: dict[str, ast.AnnAssign] = {}
        self.handlers: list[Any] = []
        self.aliases: dict[str, tuple[Any, ...]] = {}  # variables that hold a container which is state
        self.outer: set[str] = set()  # names that `nonlocal` and `global` declare
        self.self_value: Value | None = None

    def find_local(self, text: str) -> bool:
        """Whether the name is a variable of a function under specialisation, not one of a finished closure."""
        scope: Scope | None = self
        while scope is not None and text not in scope.cells:
            if text in scope.env:
                return True
            scope = scope.parent
        return False

    # -- writing ---------------------------------------------------------------------------------------------

    def emit(self, statement: ast.stmt) -> None:
        statement.origin = self.line  # type: ignore[attr-defined]
        self.out.append(statement)

    def emit_code(self, text: str, **parts: ast.expr) -> None:
        """Writes statements given as text, with placeholder names replaced by expressions."""

        class Fill(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> ast.expr:
                return parts.get(node.id, node)

        self.out.extend(Fill().visit(node) for node in ast.parse(text).body)

    def written(self, statements: list[ast.stmt], value: Value) -> Value:
        """A value whose statements were collected before, written here."""
        self.out.extend(statements)
        return value

    def assign(self, target: str, code: ast.expr) -> None:
        self.emit(ast.Assign([ast.Name(target, ast.Store())], code))

    def declare(self, target: str, kind: T.Type, code: ast.expr) -> None:
        """An assignment with its type spelt out; the annotation follows when the type becomes known better."""
        statement = ast.AnnAssign(ast.Name(target, ast.Store()), T.annotation(kind), code, 1)
        self.declared[target] = kind
        self.open[target] = statement
        self.emit(statement)

    def fresh(self, base: str = "_t") -> str:
        """A variable name that is used nowhere else in the generated method."""
        self.spec.counter += 1
        return f"{base}_{self.spec.counter}"

    def temp(self, value: Value, base: str = "_t") -> Value:
        """The value in a variable of its own, so that its code may be used several times."""
        if isinstance(value, Struct):
            return Struct(value.kind, list(value.keys), [self.temp(item, base) for item in value.items], value.origin)
        if not isinstance(value, Dynamic) or isinstance(value.code, (ast.Constant,)):
            return value
        if isinstance(value.code, ast.Name) and value.code.id.startswith("_t_"):
            return value
        target = self.fresh(base if base.startswith("_t") else f"_t_{base}")
        self.store(target, value)
        return Dynamic(value.type, name(target), value.sample)

    def store(self, target: str, value: Dynamic) -> None:
        if value.type.name in ("List", "Dict") and isinstance(value.code, (ast.List, ast.Dict)):
            self.declare(target, value.type, value.code)
        else:
            self.declared[target] = value.type
            self.assign(target, value.code)

    def once(self, value: Value) -> Value:
        """Like `temp`, but leaves a plain variable alone: for code that is used twice at once."""
        if isinstance(value, Dynamic) and not isinstance(value.code, (ast.Name, ast.Constant)):
            return self.temp(value)
        return value

    def effect(self, value: Any) -> Any:
        """Marks the last statement as one that changes something, a call of a method that does; gives `value` back."""
        if self.out:
            self.out[-1].effect = True  # type: ignore[attr-defined]
        return value

    def pinned(self, value: Value, mark: int) -> Value:
        """A value that was evaluated before the statements since `mark`: in a variable when those change something."""
        if not has_effects(self.out[mark:]):
            return value
        with self.block() as kept:
            held = self.temp(value)
        self.out[mark:mark] = kept
        return held

    # -- variables -------------------------------------------------------------------------------------------

    def bind(self, text: str, value: Value) -> None:
        """Gives a source variable a value, writing the assignment when there is something to write."""
        self.refined = {place: kind for place, kind in self.refined.items() if place != ("name", text)}
        if isinstance(value, Struct):
            self.env[text] = self._bind_struct(text, value)
        elif isinstance(value, Static) and text in self.mutated and isinstance(value.data, (list, dict)):
            self.spec.cells.claim(self, value.data)
            self.spec.state.claim(value.data)
            opened = unpack(value)
            self.env[text] = self._bind_struct(text, opened) if isinstance(opened, Struct) else value
        elif isinstance(value, Dynamic):
            self.env[text] = self._bind_dynamic(text, value)
        else:
            self.env[text] = value

    def _bind_dynamic(self, text: str, value: Dynamic) -> Dynamic:
        target = self.variable(text, value.type)
        if not (isinstance(value.code, ast.Name) and value.code.id == target):
            self.store(target, value)
        self.aliases.pop(text, None)
        if value.place is not None and value.place[0] == "state" and value.type.name in ("List", "Dict"):
            self.aliases[text] = value.place
        return Dynamic(value.type, name(target), value.sample, ("name", text))

    def _bind_struct(self, text: str, value: Struct) -> Value:
        if text in self.mutated and value.kind in (list, dict):
            lowered = self.container(value)
            if lowered is not None:
                return self._bind_dynamic(text, lowered)
        return Struct(value.kind, list(value.keys), [self._keep(item, text) for item in value.items])

    def _keep(self, item: Value, text: str) -> Value:
        if isinstance(item, Struct):
            return Struct(item.kind, list(item.keys), [self._keep(part, text) for part in item.items])
        return self.temp(item, text) if isinstance(item, Dynamic) else item

    def variable(self, text: str, kind: T.Type) -> str:
        """A variable for a source name that may hold `kind`: the name itself unless it holds another type."""
        safe = f"{text}_" if text == "self" or text.startswith("_t_") else text
        known = self.declared.get(safe)
        if known is None or (known == kind) or (T.is_subtype(kind, known) and not T.is_optional(known)):
            return safe
        if T.is_optional(known) and T.is_subtype(kind, known):
            return safe
        for number in range(2, 100):
            other = f"{safe}_{number}"
            if other not in self.declared or T.is_subtype(kind, self.declared[other]):
                return other
        raise Refused(f"`{text}` takes too many types")

    def container(self, value: Struct) -> Dynamic | None:
        """A list or dict display as a real container of one type; None when its items differ."""
        kind = kind_of(value)
        kinds = {kind_of(item) for item in value.items}
        mixed = T.TENSOR in kinds and bool(kinds & {T.INT, T.FLOAT, T.BOOL})
        if T.ANY in kind.args or mixed or any(map(is_slice, value.items)):  # a number among tensors stays a number
            return None
        code = self.lower(value, kind)
        return None if code is None else Dynamic(kind, code, copied(sample_of(value)))

    # -- code of values --------------------------------------------------------------------------------------

    def code(self, value: Value, want: T.Type | None = None) -> ast.expr:
        """The code of a value, converted to `want`."""
        found = self.lower(value, want)
        if found is None:
            raise Refused(f"{describe(value)} cannot be stored in TorchScript", "keep a number, text or tensor instead")
        return found

    # -- branches --------------------------------------------------------------------------------------------

    def lower(self, value: Value, want: T.Type | None = None) -> ast.expr | None:
        """Like `code`; None when there is none."""
        return lower(self, value, want)

    def branch(
        self,
        test: ast.expr,
        then: Callable[[], Value | None],
        other: Callable[[], Value | None],
        *,
        taken: bool | None = None,
        facts: tuple[dict[Any, T.Type], dict[Any, T.Type]] = ({}, {}),
    ) -> Value | None:
        """Writes `if test:` with both sides, and joins what they leave in the variables and as a result."""
        return branch(self, test, then, other, taken=taken, facts=facts)

    def snapshot(self) -> Snapshot:
        return Snapshot(
            dict(self.env),
            dict(self.refined),
            self.out,
            len(self.out),
            dict(self.declared),
            len(self.returns),
            self.ended,
        )

    def rollback(self, saved: Snapshot) -> None:
        self.env, self.refined = dict(saved.env), dict(saved.refined)
        self.out = saved.out
        del self.out[saved.length :]
        self.declared = dict(saved.declared)
        del self.returns[saved.returns :]
        self.ended = saved.ended

    @contextlib.contextmanager
    def block(self) -> Iterator[list[ast.stmt]]:
        """Collects the statements of an inner block."""
        outer, self.out = self.out, []
        try:
            yield self.out
        finally:
            self.out = outer

    def refine(self, value: Value) -> Value:
        """The value with what the tests on the way here told about it."""
        if not isinstance(value, Dynamic) or value.place not in self.refined:
            return value
        kind = self.refined[value.place]
        if kind == T.NONE:
            return Static(None)
        if T.is_optional(value.type) and not T.is_optional(kind):
            sample = MISSING if value.sample is None else value.sample
            return Dynamic(kind, call("torch.jit._unwrap_optional", value.code), sample, value.place)
        return value

    def refine_container(self, target: str, kind: T.Type) -> None:
        """Lets an annotation follow when an empty container's items become known."""
        if target in self.open and T.UNKNOWN in self.declared.get(target, kind).args:
            self.declared[target] = kind
        if target in self.open and kind.name in ("List", "Dict", "Optional"):
            self.open[target].annotation = T.annotation(kind)
