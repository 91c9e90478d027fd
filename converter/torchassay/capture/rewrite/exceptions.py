"""`raise`, `assert` and `try`: TorchScript can raise but not catch, so what would be caught is tested beforehand."""

from __future__ import annotations

import ast
import builtins
import copy
from typing import Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.conditions import test_of
from torchassay.capture.rewrite.errors import AlwaysRaises, Refused, Unmergeable
from torchassay.capture.rewrite.evaluator import evaluate, forks, handles, run_block
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.guards import foreseen
from torchassay.capture.rewrite.values import Dynamic, Static, Value, kind_of, name


@handles(ast.Raise)
def run_raise(frame: Frame, node: ast.Raise) -> None:
    """A `raise` that nobody in this function catches."""
    label, message = _exception(frame, node)
    frame.emit(ast.Raise(ast.Call(ast.Name(label, ast.Load()), [message], []), None))
    frame.ended = True


def _exception(frame: Frame, node: ast.Raise) -> tuple[str, ast.expr]:
    fallback: ast.expr = ast.Constant("an exception")
    if node.exc is None:
        return "RuntimeError", fallback
    given = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    try:
        kind = evaluate(frame, given)
        label = kind.data.__name__ if isinstance(kind, Static) and isinstance(kind.data, type) else "RuntimeError"
    except Refused:
        label = "RuntimeError"
    label = label if isinstance(getattr(builtins, label, None), type) else "RuntimeError"
    if not isinstance(node.exc, ast.Call) or not node.exc.args:
        return label, ast.Constant(label)
    return label, _message(frame, node.exc.args[0])


def _message(frame: Frame, node: ast.expr) -> ast.expr:
    saved = frame.snapshot()
    try:
        value = evaluate(frame, node)
        if isinstance(value, Static):
            return ast.Constant(str(value.data))
        if isinstance(value, Dynamic) and kind_of(value) == T.STR:
            return value.code
    except Refused:
        frame.rollback(saved)
    fixed = [str(part.value) for part in getattr(node, "values", ()) if isinstance(part, ast.Constant)]
    return ast.Constant("".join(fixed) or "an exception")


@handles(ast.Assert)
def _assert(frame: Frame, node: ast.Assert) -> None:
    test = test_of(frame, node.test)
    if test.known is True:
        return
    text = node.msg.value if isinstance(node.msg, ast.Constant) and isinstance(node.msg.value, str) else "assertion failed"
    if frame.handlers:
        exception = ast.Raise(ast.Call(name("AssertionError"), [ast.Constant(text)], []), None)
        frame.branch(ast.UnaryOp(ast.Not(), test.code), lambda: run_raise(frame, exception), lambda: None)
        return
    frame.emit(ast.Assert(test.code, ast.Constant(text)))
    frame.refined.update(test.when_true)
    frame.ended = test.known is False


@forks(ast.Try)
def _try(frame: Frame, node: ast.Try, rest: list[ast.stmt]) -> bool:
    """A `try`: what its body may raise becomes a test in front of it. True when `rest` had to be run inside."""
    saved, counter = frame.snapshot(), frame.spec.counter
    try:
        _run(frame, node, [])
    except Unmergeable:
        if not rest:
            raise
        frame.rollback(saved)
        frame.spec.counter = counter
        _run(frame, node, rest)
        return True
    return False


def _run(frame: Frame, node: ast.Try, rest: list[ast.stmt]) -> None:
    if not node.handlers:
        run_block(frame, _with_final(node, rest))
        return
    if node.finalbody and any(isinstance(item, ast.Return) for part in node.body for item in ast.walk(part)):
        raise Refused("TorchScript has no `finally` around a `return`", "repeat its statements before each `return`")
    after = [*node.finalbody, *rest] if rest else []
    rewriter = _Rewriter(frame, node, after)
    before, written = dict(frame.env), len(frame.out)
    rewriter.run([*node.body, *node.orelse, *after], len(node.body))
    if not rewriter.guards and not rewriter.harmless(node.body) and not _is_settled(frame, before, written):
        raise Refused("TorchScript has no `try` statement", "test the condition that raises with an `if` before it")
    if not frame.ended and not rest:
        run_block(frame, node.finalbody)


def _is_settled(frame: Frame, before: dict[str, Value], written: int) -> bool:
    """Whether a body has run to its end here and now: all that it leaves for the run is a constant to return."""
    bound = (value for text, value in frame.env.items() if before.get(text) is not value)
    left = frame.out[written:]
    returned = all(isinstance(item, ast.Return) and isinstance(item.value, (ast.Constant, type(None))) for item in left)
    return returned and all(isinstance(value, Static) for value in bound)


def _with_final(node: ast.Try, rest: list[ast.stmt]) -> list[ast.stmt]:
    """`try: … finally: …` without handlers: the last statements follow the body, and go in front of each `return`."""

    class Before(ast.NodeTransformer):
        def visit_FunctionDef(self, item: ast.FunctionDef) -> ast.AST:
            return item

        def visit_Return(self, item: ast.Return) -> list[ast.stmt]:
            if item.value is None:
                return [*node.finalbody, item]
            kept = ast.Assign([ast.Name("_t_returned", ast.Store())], item.value)
            back = ast.Return(ast.Name("_t_returned", ast.Load()))
            return [ast.copy_location(kept, item), *node.finalbody, ast.copy_location(back, item)]

    holder = ast.Module([copy.deepcopy(item) for item in node.body], [])
    return [*ast.fix_missing_locations(Before().visit(holder)).body, *node.finalbody, *rest]


class _Guarded(ast.stmt):
    """Statements of a `try` that are not read yet: what they may raise depends on the values that they meet."""

    _fields = ("body",)

    def __init__(self, rewriter: _Rewriter, body: list[ast.stmt], guarded: int) -> None:
        super().__init__()
        self.rewriter = rewriter
        self.body = body
        self.guarded = guarded
        self.lineno = body[0].lineno


@handles(_Guarded)
def _guarded(frame: Frame, node: _Guarded) -> None:
    node.rewriter.run(node.body, node.guarded)


class _Rewriter:
    """Runs the body of a `try` with `if` statements whose tests foresee the exceptions."""

    def __init__(self, frame: Frame, node: ast.Try, after: list[ast.stmt]) -> None:
        self.frame = frame
        self.after = after
        self.handlers = [(self._kinds(item), item) for item in node.handlers]
        self.guards = 0

    def _kinds(self, item: ast.ExceptHandler) -> tuple[type, ...]:
        if item.type is None:
            return (BaseException,)
        found = evaluate(self.frame, item.type)
        data: Any = (
            found.data
            if isinstance(found, Static)
            else tuple(part.data for part in getattr(found, "items", ()) if isinstance(part, Static))
        )
        return data if isinstance(data, tuple) else (data,)

    def handler(self, kind: type[BaseException]) -> list[ast.stmt] | None:
        """The statements that run for an exception; None when nobody catches it."""
        for kinds, item in self.handlers:
            if issubclass(kind, kinds):
                if item.name:
                    self.frame.env[item.name] = Static(kind("an exception"))
                return [*item.body, *self.after]
        return None

    def run(self, nodes: list[ast.stmt], guarded: int) -> None:
        """Runs statements of which the first `guarded` are inside the `try`."""
        frame = self.frame
        saved, counter = frame.snapshot(), frame.spec.counter
        try:
            run_block(frame, self.block(nodes, guarded))
        except AlwaysRaises as error:
            caught = self.handler(error.kind)
            if caught is None or not guarded:
                raise
            frame.rollback(saved)
            frame.spec.counter = counter
            self.guards += 1
            run_block(frame, self._opened(nodes, guarded) if isinstance(nodes[0], ast.If) else caught)

    def block(self, nodes: list[ast.stmt], guarded: int) -> list[ast.stmt]:
        """The first statement with its tests, and the others unread."""
        if not nodes or not guarded:
            return nodes
        node, later = nodes[0], self._later(nodes[1:], guarded - 1)
        if isinstance(node, ast.Raise) and (caught := self._caught(node)) is not None:
            self.guards += 1
            return caught
        if isinstance(node, ast.Assert) and (caught := self.handler(AssertionError)) is not None:
            self.guards += 1
            return [_if(node, node.test, later, caught)]
        if isinstance(node, ast.If) and self._raises(node):
            return self._opened(nodes, guarded)
        if isinstance(node, (ast.For, ast.While)) and self._raises(node):
            raise Refused("TorchScript has no `try` around a loop that raises", "put the `try` inside the loop")
        found = [node, *later]
        for test, caught in reversed(self._foreseen(node)):
            self.guards += 1
            found = [_if(node, test, caught, found)]
        return found

    def _later(self, rest: list[ast.stmt], guarded: int) -> list[ast.stmt]:
        return [_Guarded(self, rest, guarded)] if rest and guarded else rest

    def _opened(self, nodes: list[ast.stmt], guarded: int) -> list[ast.stmt]:
        """An `if` with everything that follows it in both branches."""
        node, rest = nodes[0], nodes[1:]
        assert isinstance(node, ast.If)
        sides = [self._later([*side, *rest], len(side) + guarded - 1) for side in (node.body, node.orelse)]
        return [_if(node, node.test, *sides)]

    def _caught(self, node: ast.Raise) -> list[ast.stmt] | None:
        given = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if given is None:
            return None
        found = evaluate(self.frame, given)
        kind = found.data if isinstance(found, Static) and isinstance(found.data, type) else RuntimeError
        return self.handler(kind)

    def _raises(self, node: ast.If | ast.For | ast.While) -> bool:
        """Whether something inside a compound statement raises what is caught here."""
        if any(isinstance(item, (ast.Raise, ast.Assert)) for item in ast.walk(node)):
            return True
        return any(self._foreseen(item) for item in ast.walk(node) if isinstance(item, ast.stmt))

    def _foreseen(self, node: ast.stmt) -> list[tuple[ast.expr, list[ast.stmt]]]:
        """The tests that tell whether a statement will raise what is caught, with what then runs."""
        if not isinstance(node, (ast.Assign, ast.Return, ast.Expr, ast.AugAssign, ast.AnnAssign)) or node.value is None:
            return []
        found = [(test, self.handler(kind)) for test, kind in foreseen(self.frame, node.value)]
        return [(test, caught) for test, caught in found if caught is not None]

    def harmless(self, nodes: list[ast.stmt]) -> bool:
        """Whether no statement can raise: names, constants, and arithmetic of them."""
        static = all(_is_fixed(self.frame, item) for node in nodes for item in ast.walk(node) if isinstance(item, ast.expr))
        return static or all(isinstance(item, _CALM) for node in nodes for item in ast.walk(node))


_CALM = (
    ast.Assign,
    ast.Return,
    ast.Name,
    ast.Constant,
    ast.Load,
    ast.Store,
    ast.Pass,
    ast.Import,
    ast.alias,
    ast.ImportFrom,
)


def _is_fixed(frame: Frame, node: ast.expr) -> bool:
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return True
    return isinstance(frame.find(node.id), Static)


def _if(at: ast.stmt, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> ast.If:
    node = ast.If(test, body or [ast.Pass()], orelse)
    node.lineno = at.lineno
    return node
