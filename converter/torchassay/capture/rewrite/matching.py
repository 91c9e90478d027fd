"""`match` statements as chains of tests."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate, handles, run_block
from torchassay.capture.rewrite.values import name

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


@handles(ast.Match)
def _match(frame: Frame, node: ast.Match) -> None:
    """Rewrites the statement as `if` / `elif` over a variable, and runs that."""
    subject = frame.fresh("_t_subject")
    frame.bind(subject, evaluate(frame, node.subject))
    chain: list[ast.stmt] = []
    for case in reversed(node.cases):
        test, bound = _pattern(case.pattern, name(subject))
        body: list[ast.stmt] = [*bound, *case.body]
        if case.guard is not None:
            body = [*bound, _located(ast.If(case.guard, case.body, chain), node.lineno)]
        chain = body if test is None else [_located(ast.If(test, body, chain), node.lineno)]
    run_block(frame, chain)


def _located(node: ast.If, line: int) -> ast.If:
    node.lineno = line
    return node


def _pattern(pattern: ast.pattern, subject: ast.expr) -> tuple[ast.expr | None, list[ast.stmt]]:
    """The test of a pattern (None: it always matches) and the assignments that it makes."""
    if isinstance(pattern, ast.MatchValue):
        return ast.Compare(subject, [ast.Eq()], [pattern.value]), []
    if isinstance(pattern, ast.MatchSingleton):
        return ast.Compare(subject, [ast.Is()], [ast.Constant(pattern.value)]), []
    if isinstance(pattern, ast.MatchAs):
        return _capture(pattern, subject)
    if isinstance(pattern, ast.MatchOr):
        found = [_pattern(item, subject) for item in pattern.patterns]
        tests = [test for test, _ in found if test is not None]
        return (None if len(tests) < len(found) else ast.BoolOp(ast.Or(), tests)), []
    if isinstance(pattern, ast.MatchSequence):
        return _sequence(pattern, subject)
    if isinstance(pattern, ast.MatchClass) and not pattern.patterns and not pattern.kwd_patterns:
        return ast.Call(name("isinstance"), [subject, pattern.cls], []), []
    raise Refused("this `case` pattern has no counterpart in TorchScript", "write it as `if` / `elif`")


def _capture(pattern: ast.MatchAs, subject: ast.expr) -> tuple[ast.expr | None, list[ast.stmt]]:
    test, bound = (None, []) if pattern.pattern is None else _pattern(pattern.pattern, subject)
    if pattern.name is None:
        return test, bound
    return test, [*bound, ast.Assign([ast.Name(pattern.name, ast.Store())], subject)]


def _sequence(pattern: ast.MatchSequence, subject: ast.expr) -> tuple[ast.expr | None, list[ast.stmt]]:
    if any(isinstance(item, ast.MatchStar) for item in pattern.patterns):
        raise Refused("a `case` with `*` has no counterpart in TorchScript", "write it as `if` / `elif`")
    count = ast.Compare(ast.Call(name("len"), [subject], []), [ast.Eq()], [ast.Constant(len(pattern.patterns))])
    tests: list[ast.expr] = [count]
    bound: list[ast.stmt] = []
    for number, item in enumerate(pattern.patterns):
        test, inner = _pattern(item, ast.Subscript(subject, ast.Constant(number), ast.Load()))
        tests += [] if test is None else [test]
        bound += inner
    return (tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)), bound
