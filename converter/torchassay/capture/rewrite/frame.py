"""One function under specialisation: its variables, the statements written so far, and how branches meet."""

from __future__ import annotations

import ast
import builtins
import contextlib
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.coerce import coerce
from torchassay.capture.rewrite.errors import Refused, Unmergeable
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Function,
    Method,
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
        self.self_value: Value | None = None

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
            value.items = [self.temp(item, base) for item in value.items]
            return value
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

    # -- variables -------------------------------------------------------------------------------------------

    def bind(self, text: str, value: Value) -> None:
        """Gives a source variable a value, writing the assignment when there is something to write."""
        self.refined = {place: kind for place, kind in self.refined.items() if place != ("name", text)}
        if isinstance(value, Struct):
            self.env[text] = self._bind_struct(text, value)
        elif isinstance(value, Static) and text in self.mutated and isinstance(value.data, (list, dict)):
            self.env[text] = self._bind_struct(text, self.spec.unpack(value))
        elif isinstance(value, Dynamic):
            self.env[text] = self._bind_dynamic(text, value)
        else:
            self.env[text] = value

    def _bind_dynamic(self, text: str, value: Dynamic) -> Dynamic:
        target = self.variable(text, value.type)
        if not (isinstance(value.code, ast.Name) and value.code.id == target):
            self.store(target, value)
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
        if T.ANY in kind.args or mixed:  # a number among tensors stays a number
            return None
        code = self.lower(value, kind)
        return None if code is None else Dynamic(kind, code, _copied(sample_of(value)))

    # -- code of values --------------------------------------------------------------------------------------

    def code(self, value: Value, want: T.Type | None = None) -> ast.expr:
        """The code of a value, converted to `want`."""
        found = self.lower(value, want)
        if found is None:
            raise Refused(f"{describe(value)} cannot be stored in TorchScript", "keep a number, text or tensor instead")
        return found

    def lower(self, value: Value, want: T.Type | None = None) -> ast.expr | None:
        """Like `code`; None when there is none."""
        if isinstance(value, Static) and isinstance(value.data, torch.Tensor):
            found: ast.expr | None = self.spec.constant(self, value.data)
        elif isinstance(value, Static):
            unpacked = self.spec.unpack(value)
            found = literal(value.data) if isinstance(unpacked, Static) else self._lower_struct(unpacked, want)
            if found is None and isinstance(unpacked, Struct):
                found = self._lower_struct(unpacked, want)
        elif isinstance(value, Dynamic):
            found = value.code
        elif isinstance(value, Struct):
            return self._lower_struct(value, want)
        elif isinstance(value, Choice):
            from torchassay.capture.rewrite.dispatch import settle_choice

            return self.lower(settle_choice(self, value), want)
        else:
            found = None
        if found is None or want is None:
            return found
        return coerce(found, kind_of(value), want)

    def _lower_struct(self, value: Struct, want: T.Type | None) -> ast.expr | None:
        wanted = T.bare(want) if want is not None else None
        as_list = wanted is not None and wanted.name == "List" and value.kind in (list, tuple)
        kinds = self._item_types(value, wanted, as_list)
        parts = [self.lower(item, kind) for item, kind in zip(value.items, kinds, strict=True)]
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        if value.kind is tuple and not as_list:
            return ast.Tuple(found, ast.Load())
        if value.kind is list or as_list:
            return self._list(found, wanted or kind_of(value))
        if value.kind is dict:
            return self._dict(value, found, wanted or kind_of(value))
        return self.spec.record(self, value, found)

    @staticmethod
    def _list(parts: list[ast.expr], kind: T.Type) -> ast.expr | None:
        if T.ANY in kind.args:
            return None
        if not parts and T.UNKNOWN not in kind.args:
            return expression(f"torch.jit.annotate({T.spell(kind)}, [])")
        return ast.List(parts, ast.Load())

    @staticmethod
    def _dict(value: Struct, parts: list[ast.expr], kind: T.Type) -> ast.expr | None:
        keys = [literal(key) for key in value.keys]
        if T.ANY in kind.args or any(key is None for key in keys) or any(isinstance(key, tuple) for key in value.keys):
            return None
        if not parts and T.UNKNOWN not in kind.args:
            return expression(f"torch.jit.annotate({T.spell(kind)}, {{}})")
        return ast.Dict([key for key in keys if key is not None], parts)

    @staticmethod
    def _item_types(value: Struct, want: T.Type | None, as_list: bool) -> list[T.Type | None]:
        count = len(value.items)
        if want is not None and want.name == "Tuple" and value.kind is tuple and len(want.args) == count:
            return list(want.args)
        if value.kind is list or as_list:
            kind = want if want is not None and want.name == "List" else kind_of(value)
            return [kind.args[0]] * count if kind.args else [None] * count
        if value.kind is dict:
            kind = want if want is not None and want.name == "Dict" else kind_of(value)
            return [kind.args[1]] * count
        return [None] * count

    # -- branches --------------------------------------------------------------------------------------------

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
        sides = [self._side(then, facts[0]), self._side(other, facts[1])]
        result = self._meet(sides, taken)
        body, orelse = sides[0].out, sides[1].out
        if body or orelse:
            self.emit(ast.If(test, body or [ast.Pass()], orelse))
        elif not isinstance(test, (ast.Name, ast.Constant)):
            pass
        return result

    def _side(self, run: Callable[[], Value | None], facts: dict[Any, T.Type]) -> Side:
        env, refined, ended = self.env, self.refined, self.ended
        self.env, self.refined = dict(env), {**refined, **self.with_twins(facts)}
        self.depth += 1
        try:
            with self.block() as out:
                result = run()
            return Side(out, self.env, self.refined, self.ended, result)
        finally:
            self.env, self.refined, self.ended = env, refined, ended
            self.depth -= 1

    def with_twins(self, facts: dict[Any, T.Type]) -> dict[Any, T.Type]:
        """What a test tells about a variable holds for those that are always bound with it."""
        found = dict(facts)
        for place, kind in facts.items():
            for other in self.twins.get(place[1], ()) if place[0] == "name" else ():
                value = self.env.get(other)
                if isinstance(value, Dynamic) and T.is_optional(value.type):
                    found[("name", other)] = T.NONE if kind == T.NONE else T.bare(value.type)
        return found

    def _meet(self, sides: list[Side], taken: bool | None) -> Value | None:
        live = [side for side in sides if not side.ended]
        if not live:
            self.ended = True
            return None
        if len(live) == 1:
            self.env, self.refined = live[0].env, live[0].refined
            return live[0].result
        first, second = live
        preferred = 1 if taken is False else 0
        self.refined = {
            key: first.refined[key]
            for key in first.refined
            if key in second.refined and first.refined[key] == second.refined[key]
        }
        merged: dict[str, Value] = {}
        for text in dict.fromkeys((*first.env, *second.env)):
            joined = self._meet_name(text, first, second, preferred)
            if joined is not None:
                merged[text] = joined
        self.env = merged
        if first.result is None or second.result is None:
            return None
        return self.merge("_t", first.result, second.result, first.out, second.out, preferred)

    def _meet_name(self, text: str, first: Side, second: Side, preferred: int) -> Value | None:
        one, two = first.env.get(text), second.env.get(text)
        if one is not None and two is not None:
            return self.merge(text, one, two, first.out, second.out, preferred)
        present, absent = (one, second.out) if one is not None else (two, first.out)
        if not isinstance(present, Dynamic) or not self.read_after(text):
            return None if isinstance(present, Dynamic) else None
        filler = T.default(present.type)
        if filler is None or not isinstance(present.code, ast.Name):
            return None
        absent.append(stand_in(present.code.id, present.type, filler))
        return present

    def merge(
        self, text: str, one: Value, two: Value, first: list[ast.stmt], second: list[ast.stmt], preferred: int = 0
    ) -> Value:
        """One value for what two branches left; their blocks get the assignments that it takes."""
        if same(one, two):
            return one if preferred == 0 else two
        if isinstance(one, Struct) and isinstance(two, Struct) and _alike(one, two):
            items = [
                self.merge(f"_t_{text.lstrip('_')}", a, b, first, second, preferred)
                for a, b in zip(one.items, two.items, strict=True)
            ]
            return Struct(one.kind, list(one.keys), items)
        kind = T.join(kind_of(one), kind_of(two))
        if kind is None or not (_storable(one) and _storable(two)):
            if _fixed(one) and _fixed(two):
                return self._select(one, two, first, second, preferred)
            raise Unmergeable(
                f"`{text}` is {describe(one)} on one branch and {describe(two)} on the other",
                "use the value inside each branch, or give it one type",
            )
        return self._into_variable(text, kind, (one, two), (first, second), preferred)

    def _select(self, one: Value, two: Value, first: list[ast.stmt], second: list[ast.stmt], preferred: int) -> Value:
        """Objects that no variable holds: a number remembers which branch ran, later uses ask it."""
        target = self.fresh("_t_which")
        options: list[Value] = []
        chosen = 0
        for number, (value, block) in enumerate(((one, first), (two, second))):
            base = len(options)
            options += value.options if isinstance(value, Choice) else [value]
            block += _numbering(target, value, base)
            if number == preferred:
                chosen = base + (value.chosen if isinstance(value, Choice) else 0)
        self.declared[target] = T.INT

        def test(number: int) -> Callable[[], ast.expr]:
            return lambda: ast.Compare(name(target), [ast.Eq()], [ast.Constant(number)])

        return Choice([test(number) for number in range(len(options))], options, chosen, open=False)

    def _into_variable(
        self,
        text: str,
        kind: T.Type,
        values: tuple[Value, Value],
        blocks: tuple[list[ast.stmt], list[ast.stmt]],
        preferred: int,
    ) -> Value:
        target = self.fresh() if text.startswith("_t") else self.variable(text, kind)
        for value, block in zip(values, blocks, strict=True):
            if isinstance(value, Dynamic) and isinstance(value.code, ast.Name) and value.code.id == target:
                if value.type == kind or T.is_subtype(value.type, kind):
                    continue
            outer, self.out = self.out, block
            try:
                code = self.code(value, kind)
            finally:
                self.out = outer
            block.append(ast.Assign([ast.Name(target, ast.Store())], code))
        self.declared[target] = kind
        self.refine_container(target, kind)
        sample = sample_of(values[preferred])
        if sample is MISSING:
            sample = sample_of(values[1 - preferred])
        place = None if text.startswith("_t") else ("name", text)
        return Dynamic(kind, name(target), _copied(plain(sample)), place)

    def refine_container(self, target: str, kind: T.Type) -> None:
        """Lets an annotation follow when an empty container's items become known."""
        if target in self.open and T.UNKNOWN in self.declared.get(target, kind).args:
            self.declared[target] = kind
        if target in self.open and kind.name in ("List", "Dict", "Optional"):
            self.open[target].annotation = T.annotation(kind)


@dataclass(slots=True)
class Side:
    """One side of a branch after it ran."""

    out: list[ast.stmt]
    env: dict[str, Value]
    refined: dict[Any, T.Type]
    ended: bool
    result: Value | None


def stand_in(target: str, kind: T.Type, filler: str) -> ast.stmt:
    """Gives a variable some value where Python leaves it unbound."""
    if T.is_optional(kind) or kind.name in ("List", "Dict"):
        return ast.AnnAssign(ast.Name(target, ast.Store()), T.annotation(kind), expression(filler), 1)
    return ast.Assign([ast.Name(target, ast.Store())], expression(filler))


def _copied(sample: Any) -> Any:
    if isinstance(sample, (list, dict)):
        try:
            return copy.copy(sample)
        except Exception:
            return sample
    return sample


def _storable(value: Value) -> bool:
    if isinstance(value, Dynamic):
        return True
    if isinstance(value, Static):
        return isinstance(value.data, torch.Tensor) or literal(value.data) is not None
    if isinstance(value, Struct):
        return value.kind in (tuple, list, dict) and all(_storable(item) for item in value.items)
    return False


def _fixed(value: Value) -> bool:
    """Whether nothing in a value is a variable of the run, so that it means the same after the branch."""
    if isinstance(value, Choice):
        return all(_fixed(option) for option in value.options)
    if isinstance(value, Struct):
        return all(_fixed(item) for item in value.items)
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


def _alike(one: Struct, two: Struct) -> bool:
    return one.kind is two.kind and one.keys == two.keys


def same(one: Value, two: Value) -> bool:
    """Whether both are certainly the same value, in the same place."""
    if one is two:
        return True
    if isinstance(one, Static) and isinstance(two, Static):
        return same_data(one.data, two.data)
    if isinstance(one, Dynamic) and isinstance(two, Dynamic):
        named = isinstance(one.code, ast.Name) and isinstance(two.code, ast.Name)
        return named and one.code.id == two.code.id and one.type == two.type  # type: ignore[attr-defined]
    if isinstance(one, Struct) and isinstance(two, Struct):
        return _alike(one, two) and all(same(a, b) for a, b in zip(one.items, two.items, strict=True))
    if isinstance(one, Function) and isinstance(two, Function):
        return one.node is two.node and one.frame is two.frame
    if isinstance(one, Method) and isinstance(two, Method):
        return one.name == two.name and same(one.owner, two.owner)
    return False


def same_data(one: object, two: object) -> bool:
    """Identity, or equality of plain values of one type."""
    if one is two:
        return True
    if type(one) is not type(two) or isinstance(one, torch.Tensor):
        return False
    if isinstance(one, (bool, int, float, str, type(None))):
        return one == two
    if isinstance(one, (tuple, list)) and isinstance(two, (tuple, list)):
        return len(one) == len(two) and all(same_data(a, b) for a, b in zip(one, two, strict=True))
    return False


def describe(value: Value) -> str:
    """The value in an error message."""
    if isinstance(value, Static):
        return f"a Python `{type(value.data).__name__}`"
    if isinstance(value, Dynamic):
        return f"a `{T.spell(value.type)}`"
    if isinstance(value, Struct):
        return f"a `{getattr(value.kind, '__name__', value.kind)}`"
    return "a function" if isinstance(value, Function) else "one of several objects"
