"""Rewrites the user's functions, in a child process, so that every condition reports its operands.

A comparison `a < b` becomes `probe.compare(site, "<", a, b)`, a test `if t:` becomes `if probe.truth(site, t):`.
The rewritten functions compute the same; the probe learns by how much each condition missed its other side.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import inspect
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from torchassay.explore.counterexample import Place

PROBE = "__torchassay_probe__"
_MAX_FUNCTIONS = 600
_FUTURES = __future__.annotations.compiler_flag  # the one that a function of today may still carry
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A place in the source where something is decided; `kind` is "compare", "truth", "match", "turns" or "longer".

    "turns" is whether a loop is entered at all.
    A loop is left where its test fails or where a test leads to `break`. That happens in every call, so both outcomes
    of such a test say little: whether a loop goes around more often than it did is a condition of its own, "longer".
    """

    place: Place
    kind: str
    text: str
    constants: tuple[bool, bool] = (False, False)  # which sides of a comparison stand in the source as numbers


class Sites:
    """Numbers the conditions of all rewritten functions; `guards` are those that choose between going on and an error."""

    def __init__(self) -> None:
        self.conditions: list[Condition] = []
        self.guards: set[int] = set()
        self.exits: dict[int, tuple[int, bool]] = {}  # a test that may end a loop: its "longer", and the outcome that ends

    def exit(self, test: int, ending: bool) -> None:
        """Notes that a loop ends where a test has this outcome."""
        condition = self.conditions[test]
        self.conditions.append(Condition(condition.place, "longer", condition.text))
        self.exits[test] = (len(self.conditions) - 1, ending)

    def add(self, file: str, function: str, kind: str, node: ast.expr) -> int:
        place = Place(file, node.lineno, function)
        sides = (_is_constant(node.left), _is_constant(node.comparators[0])) if _compares_two(node) else (False, False)
        self.conditions.append(Condition(place, kind, ast.unparse(node), sides))
        return len(self.conditions) - 1


def _compares_two(node: ast.expr) -> TypeGuard[ast.Compare]:
    return isinstance(node, ast.Compare) and len(node.comparators) == 1


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


class _Rewriter(ast.NodeTransformer):
    """Rewrites one function; nested functions, lambdas and comprehensions are part of it.

    `checked` are variables that nothing reads but tests which decide on an error.
    """

    def __init__(self, sites: Sites, file: str, function: str, checked: frozenset[str] = frozenset()) -> None:
        self._checked = checked
        self._sites = sites
        self._file = file
        self._function = function

    def _call(self, method: str, kind: str, node: ast.expr, *arguments: ast.expr) -> ast.expr:
        site = self._sites.add(self._file, self._function, kind, node)
        attribute = ast.Attribute(ast.Name(PROBE, ast.Load()), method, ast.Load())
        call = ast.Call(attribute, [ast.Constant(site), *arguments], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))

    def _test(self, node: ast.expr) -> ast.expr:
        """A condition in a place where only its truth matters."""
        if isinstance(node, ast.BoolOp):
            node.values = [self._test(value) for value in node.values]
            return node
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self._test(node.operand)
            return node
        original, seen = node, self.visit(_copied(node))
        if isinstance(seen, ast.Attribute | ast.Subscript):
            return self._call("flag", "truth", original, seen)
        if not isinstance(seen, ast.Call) or _looks_around(seen):
            return self._call("truth", "truth", original, seen)
        asked = self._call("ask", "truth", original, seen.func, *seen.args)
        assert isinstance(asked, ast.Call)
        asked.keywords = seen.keywords
        return asked

    def _exit(self, node: ast.expr, ending: bool) -> ast.expr:
        """A test with an outcome that ends the loop around it; of several tests in one, each may."""
        first = len(self._sites.conditions)
        negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        test = self._test(node)
        for site in range(first, len(self._sites.conditions)):
            if self._sites.conditions[site].kind == "truth":
                self._sites.exit(site, ending != negated)
        return test

    @contextlib.contextmanager
    def _guarding(self, guards: bool) -> Iterator[None]:
        """Notes the conditions of a test that decides on no more than an error."""
        first = len(self._sites.conditions)
        yield
        self._sites.guards |= set(range(first, len(self._sites.conditions))) if guards else set()

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        names = [item.id for item in node.targets if isinstance(item, ast.Name)]
        with self._guarding(len(names) == len(node.targets) and self._checked.issuperset(names)):
            node.value = self.visit(node.value)
        node.targets = [self.visit(item) for item in node.targets]
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        leaves = any(isinstance(item, ast.Break) for item in node.body)
        with self._guarding(_only_raises(node.body) or _only_raises(node.orelse)):
            node.test = self._exit(node.test, True) if leaves else self._test(node.test)
        node.body = [self.visit(item) for item in node.body]
        node.orelse = [self.visit(item) for item in node.orelse]
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        node.test = self._exit(node.test, False)
        node.body = [self.visit(item) for item in node.body]
        node.orelse = [self.visit(item) for item in node.orelse]
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        node.iter = self._iterated(node.iter)
        node.body = [self.visit(item) for item in node.body]
        node.orelse = [self.visit(item) for item in node.orelse]
        return node

    def _iterated(self, node: ast.expr) -> ast.expr:
        """What a loop goes over; of `enumerate(a)` and `zip(a, b)` each part."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WRAPPERS:
            node.args = [self.visit(item) if isinstance(item, ast.Starred) else self._iterated(item) for item in node.args]
            return node
        original = _copied(node)
        seen: ast.expr = self.visit(node)
        return seen if isinstance(seen, ast.Constant | ast.Tuple | ast.List) else self._call("turns", "turns", original, seen)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        node.test = self._test(node.test)
        node.body = self.visit(node.body)
        node.orelse = self.visit(node.orelse)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        with self._guarding(True):
            node.test = self._test(node.test)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        node.iter = self._iterated(node.iter)
        node.ifs = [self._test(value) for value in node.ifs]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`table.get(key)` asks whether the key is there."""
        original = _copied(node)
        node = self.generic_visit(node)  # type: ignore[assignment]
        plain = not node.keywords and 1 <= len(node.args) <= 2 and not any(isinstance(item, ast.Starred) for item in node.args)
        if not plain or not isinstance(node.func, ast.Attribute) or node.func.attr != "get":
            return node
        return self._call("lookup", "compare", original, node.func.value, *node.args)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        original: ast.Compare = _copied(node)
        left = self.visit(node.left)
        rights = [self.visit(item) for item in node.comparators]
        operators = [ast.Constant(_OPERATORS[type(item)]) for item in node.ops]
        if len(rights) == 1:
            return self._call("compare", "compare", original, operators[0], left, rights[0])
        later = [ast.Lambda(_no_arguments(), item) for item in rights[1:]]
        if any(isinstance(part, ast.NamedExpr | ast.Await | ast.Yield) for item in rights for part in ast.walk(item)):
            return original
        ops = ast.Tuple(list(operators), ast.Load())
        call = self._call("chain", "compare", original, ops, left, rights[0], *later)
        for _ in later:
            self._sites.add(self._file, self._function, "compare", original)  # the chain numbers its parts onwards
        return call

    def visit_Match(self, node: ast.Match) -> ast.AST:
        original = _copied(node.subject)
        parts = [part for case in node.cases for part in ast.walk(case.pattern)]
        literals = [part.value for part in parts if isinstance(part, ast.MatchValue)]
        subject = self.visit(node.subject)
        if literals:
            values: list[ast.expr] = [_copied(value) for value in literals]
            subject = self._call("subject", "match", original, subject, ast.Tuple(values, ast.Load()))
        node.subject = subject
        for case in node.cases:
            if case.guard is not None:
                case.guard = self._test(case.guard)
            case.body = [self.visit(item) for item in case.body]
        return node


def _only_checked(function: ast.AST) -> frozenset[str]:
    """The names that are read only in tests which decide on an error."""
    loads = [node for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    tests = [node.test for node in ast.walk(function) if isinstance(node, ast.Assert)]
    branches = [node for node in ast.walk(function) if isinstance(node, ast.If)]
    tests += [node.test for node in branches if _only_raises(node.body) or _only_raises(node.orelse)]
    checked = {id(part) for test in tests for part in ast.walk(test)}
    read = {node.id for node in loads if id(node) not in checked}
    return frozenset(node.id for node in loads) - read


def _only_raises(block: list[ast.stmt]) -> bool:
    """Whether a block does no more than raise an error, however it makes the text."""
    *before, last = block or [ast.Pass()]
    return isinstance(last, ast.Raise) and all(isinstance(item, ast.Assign | ast.Expr) for item in before)


_WRAPPERS = frozenset(("enumerate", "zip", "reversed"))
_FRAME_READERS = frozenset(("locals", "vars", "dir", "eval", "exec", "globals", "super", PROBE))


def _looks_around(call: ast.Call) -> bool:
    """Whether a call reads the frame that it stands in, or is the probe's own."""
    root = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    return isinstance(root, ast.Name) and root.id in _FRAME_READERS


def _no_arguments() -> ast.arguments:
    return ast.arguments([], [], None, [], [], None, [])


def _copied(node: Any) -> Any:
    """A deep copy: the rewriter changes nodes in place."""
    if isinstance(node, list):
        return [_copied(item) for item in node]
    if not isinstance(node, ast.AST):
        return node
    twin = type(node)(**{name: _copied(value) for name, value in ast.iter_fields(node)})
    return ast.copy_location(twin, node) if hasattr(node, "lineno") else twin


class Instrument:
    """Rewrites functions once each, and remembers the originals."""

    def __init__(self, probe: object) -> None:
        self.sites = Sites()
        self._probe = probe
        self._trees: dict[str, _Index | None] = {}
        self._done: set[types.CodeType] = set()
        self._originals: list[tuple[types.FunctionType, types.CodeType]] = []

    def install(self, functions: Iterable[types.FunctionType]) -> int:
        """Rewrites what can be rewritten; returns how many functions were."""
        count = 0
        for function in functions:
            if len(self._originals) >= _MAX_FUNCTIONS:
                break
            count += self._install(function)
        return count

    def remove(self) -> None:
        for function, code in self._originals:
            function.__code__ = code
        self._originals.clear()

    def _install(self, function: types.FunctionType) -> bool:
        old = function.__code__
        if old in self._done:
            return False
        new = self._rewritten(old)
        self._done.add(old)
        if new is None:
            return False
        self._done.add(new)
        function.__globals__[PROBE] = self._probe
        function.__code__ = new
        self._originals.append((function, old))
        return True

    def _rewritten(self, code: types.CodeType) -> types.CodeType | None:
        index = self._index(code.co_filename)
        node = index.find(code) if index is not None else None
        if node is None:
            return None
        count = len(self.sites.conditions)
        try:
            rewriter = _Rewriter(self.sites, code.co_filename, code.co_name, _only_checked(node[0]))
            body = rewriter.generic_visit(_copied(node[0]))
            new = _compile(body, node[1], code)
        except (SyntaxError, ValueError, RecursionError, KeyError):
            new = None
        if new is None or len(self.sites.conditions) == count:
            return None
        return new

    def _index(self, file: str) -> _Index | None:
        if file not in self._trees:
            try:
                self._trees[file] = _Index(ast.parse(Path(file).read_text(encoding="utf-8")))
            except (OSError, SyntaxError, ValueError):
                self._trees[file] = None
        return self._trees[file]


_Function = ast.FunctionDef | ast.Lambda


class _Index:
    """The functions of one file by name and first line, with the class that encloses each."""

    def __init__(self, tree: ast.Module) -> None:
        self._found: dict[tuple[str, int], list[tuple[_Function, str | None]]] = {}
        self._visit(tree, None)

    def _visit(self, node: ast.AST, owner: str | None) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.Lambda):
                self._found.setdefault(_key(child), []).append((child, owner))
            self._visit(child, child.name if isinstance(child, ast.ClassDef) else owner)

    def find(self, code: types.CodeType) -> tuple[_Function, str | None] | None:
        """The one function that `code` was compiled from; None when two could be meant."""
        found = self._found.get((code.co_name, code.co_firstlineno), [])
        return found[0] if len(found) == 1 else None


def _key(node: _Function) -> tuple[str, int]:
    if isinstance(node, ast.Lambda):
        return ("<lambda>", node.lineno)
    return (node.name, min([node.lineno, *(item.lineno for item in node.decorator_list)]))


def _compile(node: Any, owner: str | None, old: types.CodeType) -> types.CodeType | None:
    """Compiles a rewritten function so that it closes over the same variables as the old code."""
    if isinstance(node, ast.FunctionDef):
        node.decorator_list = []
        node.returns = None
        node.args.defaults = [ast.Constant(None) for _ in node.args.defaults]
        node.args.kw_defaults = [item and ast.Constant(None) for item in node.args.kw_defaults]
        for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
            argument.annotation = None
        inner: ast.stmt = node
    else:
        inner = ast.copy_location(ast.Expr(node), node)
    if owner is not None:
        inner = ast.copy_location(ast.ClassDef(owner, [], [], [inner], []), inner)
    free = [ast.arg(name) for name in old.co_freevars if not (owner and name == "__class__")]
    arguments = ast.arguments([], free, None, [], [], None, [])
    outer = ast.copy_location(ast.FunctionDef("__torchassay_outer__", arguments, [inner], [], None), inner)
    module = ast.fix_missing_locations(ast.Module([outer], []))
    return _search(compile(module, old.co_filename, "exec", flags=old.co_flags & _FUTURES, dont_inherit=True), old)


def _search(code: types.CodeType, old: types.CodeType) -> types.CodeType | None:
    """The compiled function inside its wrappers."""
    for part in code.co_consts:
        if not isinstance(part, types.CodeType):
            continue
        if part.co_name == old.co_name and part.co_varnames[: old.co_argcount] == old.co_varnames[: old.co_argcount]:
            same = (part.co_flags ^ old.co_flags) & ~inspect.CO_NESTED == 0
            return part if part.co_freevars == old.co_freevars and same else None
        found = _search(part, old)
        if found is not None:
            return found
    return None
