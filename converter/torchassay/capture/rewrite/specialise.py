"""Specialises functions into methods: once for each kind of arguments, with a call where each is used."""

from __future__ import annotations

import ast
import dataclasses
import math
from typing import Any

from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.cells import Cells
from torchassay.capture.rewrite.effects import has_effects
from torchassay.capture.rewrite.errors import Refused, Restart
from torchassay.capture.rewrite.facts import Facts
from torchassay.capture.rewrite.frame import Frame, Scope
from torchassay.capture.rewrite.homes import homes_of
from torchassay.capture.rewrite.layout import Layout, reach
from torchassay.capture.rewrite.rebinding import returning
from torchassay.capture.rewrite.returns import settle_returns
from torchassay.capture.rewrite.settings import answered
from torchassay.capture.rewrite.source import cells_of, closure_of, function_node, mutated_names
from torchassay.capture.rewrite.state import State
from torchassay.capture.rewrite.statements import run_function
from torchassay.capture.rewrite.tidy import tidy
from torchassay.capture.rewrite.transport import Carrier, key_of
from torchassay.capture.rewrite.values import (
    Dynamic,
    Function,
    Static,
    Struct,
    Value,
    expression,
    name,
)

RECURSION_DEPTH = 12
RECURSION_COPIES = 300


@dataclasses.dataclass(slots=True)
class Generated:
    """A method of the rewritten model, beside the function that it was specialised from."""

    node: ast.FunctionDef
    original: ast.FunctionDef | ast.Lambda
    file: str
    title: str
    raises: bool = False


@dataclasses.dataclass(slots=True)
class Specialised:
    """What a caller needs: the method's name, what it returns, and whether the call matters by itself."""

    name: str
    result: Value | None
    carrier: Carrier | None
    effects: bool
    returns: T.Type | None = None


class Specialiser:
    """Specialises one model (a copy that may be used up) into methods that TorchScript compiles."""

    def __init__(self, model: nn.Module, facts: Facts, *, trace_leaves: bool = False) -> None:
        self.model = model
        self.facts = facts
        self.trace_leaves = trace_leaves
        self.counter = 0
        self.layout = Layout(model)
        self.state = State(facts, self.layout)
        self.cells = Cells(model, facts, self.layout)
        self.homes = homes_of(model)
        self.methods: dict[str, dict[str, Generated]] = {}
        self.memo: dict[Any, Specialised] = {}
        self.active: list[Any] = []
        self.alive: list[object] = []
        self.namespace: dict[str, Any] = {}
        self.records: dict[str, Any] = {}
        self.helpers: set[str] = set()
        self.leaves: dict[str, str] = {}
        self.rebinding: dict[int, ast.FunctionDef] = {}

    def specialise(self, function: Any, bound: dict[str, Value], caller: Frame, *, host: str | None = None) -> Value:
        """Calls a Python function: specialises it for these arguments and writes the call in `caller`."""
        setting = answered(function, bound)
        if setting is not None:
            return setting
        node, scope, title = self._definition(function)
        target = caller.host if host is None else host
        carrier = Carrier()
        self._share_containers(node, bound, caller)
        inner = {key: _at_home(carrier.carry(value, key), value) for key, value in bound.items()}
        if isinstance(function, Function):
            scope = carrier.carry_scope(node, scope, set(bound))
        key: tuple[Any, ...] = (
            id(node),
            target,
            scope_key(function),
            tuple((k, key_of(v)) for k, v in bound.items()),
            carrier.key(),
        )
        self.alive += [node, function, *bound.values()]
        depth = sum(1 for other in self.active if other[0] == id(node) and other[:2] == key[:2])
        if key in self.active or depth:
            key = (*key, depth)
        if depth > recursion_limit(node):
            return self._too_deep(caller)
        known = self.memo.get(key)
        if known is None:
            known = self._generate(node, scope, title, target, inner, carrier, key)
            self.memo[key] = known
        return self._call(known, carrier, target, caller)

    def _share_containers(self, node: ast.FunctionDef | ast.Lambda, bound: dict[str, Value], caller: Frame) -> None:
        """A list that a callee changes must be one in the caller as well: its variable is marked, and it starts again."""
        changed = mutated_names(node.body) if isinstance(node, ast.FunctionDef) else set()
        for text in changed & set(bound):
            value = bound[text]
            if isinstance(value, Static) and isinstance(value.data, (list, dict)):
                self.cells.claim(caller, value.data)
                self.state.claim(value.data)
            if not isinstance(value, Struct) or value.kind not in (list, dict):
                continue
            for other, held in caller.env.items():
                place = (caller.file, caller.title, other)
                if held is value and other not in caller.mutated and place not in self.facts.changed:
                    self.facts.changed.add(place)
                    raise Restart

    def returning(self, node: ast.FunctionDef, names: tuple[str, ...]) -> ast.FunctionDef:
        """The definition with its `nonlocal` variables returned beside the result; one for each definition."""
        if id(node) not in self.rebinding:
            self.rebinding[id(node)] = returning(node, names)
            self.alive.append(node)
        return self.rebinding[id(node)]

    def _definition(self, function: Any) -> tuple[ast.FunctionDef | ast.Lambda, Scope, str]:
        if isinstance(function, Function):
            label = function.node.name if isinstance(function.node, ast.FunctionDef) else "lambda"
            return function.node, function.frame, f"{getattr(function.frame, 'title', '')}.{label}".lstrip(".")
        node = function_node(function.__code__)
        if node is None:
            raise Refused(f"the source of `{function.__qualname__}` cannot be found", "define it with `def` in a file")
        scope = Scope(self, function.__code__.co_filename, function.__globals__)
        scope.closure, scope.cells = closure_of(function), cells_of(function)
        owner = scope.closure.get("__class__")
        scope.owner = owner if isinstance(owner, type) else None
        return node, scope, function.__qualname__.replace("<locals>.", "")

    def _too_deep(self, caller: Frame) -> Value:
        caller.emit_code("raise RuntimeError('recursion is deeper than the converted model supports')")
        caller.ended = True
        return Dynamic(T.TENSOR, expression("torch.zeros([0])"))

    def _generate(
        self,
        node: ast.FunctionDef | ast.Lambda,
        scope: Scope,
        title: str,
        host: str,
        inner: dict[str, Value],
        carrier: Carrier,
        key: Any,
    ) -> Specialised:
        frame = Frame(self, scope.file, scope.globals, host, title)
        frame.parent, frame.owner = scope, scope.owner
        frame.closure, frame.cells = scope.closure, scope.cells
        body = node.body if isinstance(node, ast.FunctionDef) else []
        frame.mutated = mutated_names(body) | {
            text for file, where, text in self.facts.changed if (file, where) == (scope.file, title)
        }
        frame.env = dict(inner)
        for text, kind in carrier.parameters:
            frame.declared[text] = kind
        self.active.append(key)
        try:
            run_function(frame, node)
        finally:
            self.active.pop()
        label = self._name(node, host)
        return finish(self, frame, node, label, carrier)

    def _name(self, node: ast.FunctionDef | ast.Lambda, host: str) -> str:
        base = node.name if isinstance(node, ast.FunctionDef) else "_lambda"
        base = f"_{base.strip('_')}" if base.startswith("__") else base
        taken = self.methods.setdefault(host, {})
        module = self.model.get_submodule(host)
        candidate, number = base, 1
        while (
            candidate in taken
            or (candidate in module._modules)
            or candidate in module._parameters
            or (candidate != base and hasattr(nn.Module, candidate))
        ):
            candidate, number = f"{base}_{number}", number + 1
        return candidate

    def _call(self, known: Specialised, carrier: Carrier, host: str, caller: Frame) -> Value:
        owner = self.layout.module_code(self.model.get_submodule(host), caller.host) if host != caller.host else name("self")
        if host != caller.host:
            path = host[len(caller.host) :].lstrip(".") if caller.host else host
            owner = reach(path)
        code = ast.Call(ast.Attribute(owner, known.name, ast.Load()), carrier.arguments(caller), [])
        if known.effects:
            caller.refined = {place: kind for place, kind in caller.refined.items() if place[0] == "name"}
        if known.result is None:
            caller.emit(ast.Expr(code))
            caller.ended = known.returns == T.NEVER
            return Static(None)
        if isinstance(known.result, Dynamic):
            value = Dynamic(known.result.type, code, known.result.sample)
            return caller.effect(caller.temp(value, "_t_r")) if known.effects else value
        return self._rebuild(known, code, caller)

    @staticmethod
    def _rebuild(known: Specialised, code: ast.expr, caller: Frame) -> Value:
        carrier, result = known.carrier, known.result
        assert carrier is not None
        assert result is not None
        if not carrier.parameters:
            if known.effects:
                caller.emit(ast.Expr(code))
            return result
        target = caller.fresh("_t_r")
        caller.assign(target, code)
        if known.effects:
            caller.effect(None)
        if len(carrier.parameters) == 1:
            parts: dict[str, ast.expr] = {carrier.parameters[0][0]: name(target)}
        else:
            parts = {
                text: ast.Subscript(name(target), ast.Constant(number), ast.Load())
                for number, (text, _) in enumerate(carrier.parameters)
            }
        return carrier.replace(result, parts)


def _at_home(inner: Value, value: Value) -> Value:
    """A container that is state stays known as such in a callee: what is put in there widens its type."""
    if isinstance(inner, Dynamic) and isinstance(value, Dynamic) and value.place is not None and value.place[0] == "state":
        return Dynamic(inner.type, inner.code, inner.sample, value.place) if inner.type.name in ("List", "Dict") else inner
    return inner


def finish(spec: Specialiser, frame: Frame, node: ast.FunctionDef | ast.Lambda, label: str, carrier: Carrier) -> Specialised:
    """Closes a generated method: one type for all its returns, its parameters annotated."""
    result, back, kind = settle_returns(frame)
    parameters = [ast.arg(text, T.annotation(found)) for text, found in carrier.parameters]
    effects = any(not isinstance(item, ast.Return) for item in frame.out) or (frame.ended and not frame.returns)
    body = frame.out or [ast.Pass()]
    tidy(body, [text for text, _ in carrier.parameters])
    annotation = T.annotation(kind) if kind is not None and kind not in (T.UNKNOWN, T.NEVER) else None
    made = ast.FunctionDef(label, ast.arguments([], [ast.arg("self"), *parameters], None, [], [], None, []), body, [], annotation)
    spec.methods.setdefault(frame.host, {})[label] = Generated(made, node, frame.file, frame.title)
    ended = T.NEVER if frame.ended and not frame.returns else kind
    return Specialised(label, result, back, has_effects(frame.out) or (effects and result is None), ended)


def recursion_limit(node: ast.FunctionDef | ast.Lambda) -> int:
    """How deep a recursion is unfolded: TorchScript inlines every call, so that branching ones grow by powers."""
    label = node.name if isinstance(node, ast.FunctionDef) else ""
    calls = sum(
        1
        for item in ast.walk(node)
        if isinstance(item, ast.Call) and label in (getattr(item.func, "attr", None), getattr(item.func, "id", None))
    )
    return RECURSION_DEPTH if calls < 2 else int(math.log(RECURSION_COPIES, calls))


def scope_key(function: Any) -> Any:
    """Two function objects of one definition differ by what they close over."""
    return id(function.frame) if isinstance(function, Function) else id(function)
