"""The recursion of the evaluator: parts are evaluated, run and called through here, by what kind of thing they are.

Each kind of syntax, of callable value and of value with methods has one handler. The modules that hold the handlers
register them with a decorator; they reach each other's only by the functions below.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from torchassay.capture.rewrite.dispatch import dispatch, options_of, settle_choice
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.indices import is_sequence
from torchassay.capture.rewrite.values import Choice, Method, Static, Value

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

Handler = TypeVar("Handler", bound=Callable[..., Any])
Table = dict[type, Callable[..., Any]]

_SYNTAX: Table = {}  # (frame, node): the value of an expression, None of a statement
_FORKS: Table = {}  # (frame, node, rest): whether the rest of the block was run as well
_CALLABLES: Table = {}  # (frame, function, args, kwargs): what the call gives
_OWNERS: Table = {}  # (frame, owner, label, args, kwargs): what the method gives


def handles(*kinds: type[ast.AST]) -> Callable[[Handler], Handler]:
    """Registers a function of the frame and the node for these kinds of syntax, expressions and statements alike."""
    return _registers(_SYNTAX, kinds)


def forks(*kinds: type[ast.stmt]) -> Callable[[Handler], Handler]:
    """Registers the function of a statement that may have to run the rest of its block in each of its branches."""
    return _registers(_FORKS, kinds)


def calls(*kinds: type[Value]) -> Callable[[Handler], Handler]:
    """Registers a function that calls these kinds of values."""
    return _registers(_CALLABLES, kinds)


def owns(*kinds: type[Value]) -> Callable[[Handler], Handler]:
    """Registers a function that calls the methods of these kinds of values."""
    return _registers(_OWNERS, kinds)


def _registers(table: Table, kinds: tuple[type, ...]) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        table.update(dict.fromkeys(kinds, function))
        return function

    return register


def evaluate(frame: Frame, node: ast.expr) -> Value:
    """The value of an expression; statements that it needs are written to the frame."""
    value: Value = _handler(node)(frame, node)
    return value


def _handler(node: ast.AST) -> Callable[..., Any]:
    handler = _SYNTAX.get(type(node))
    if handler is None:
        raise Refused(f"TorchScript has no `{type(node).__name__}`", "write it with simpler statements")
    return handler


def in_order(frame: Frame, nodes: list[ast.expr]) -> list[Value]:
    """The values of operands, each as it is when Python evaluates it: a later one may change what an earlier one reads."""
    found: list[Value] = []
    for node in nodes:
        mark = len(frame.out)
        value = evaluate(frame, node)
        found = [frame.pinned(earlier, mark) for earlier in found]
        found.append(value)
    return found


def run_block(frame: Frame, nodes: list[ast.stmt]) -> None:
    """Statements in order, until one of them leaves."""
    for number, node in enumerate(nodes):
        if frame.ended:
            return
        frame.line = getattr(node, "lineno", frame.line)
        try:
            if _run(frame, node, nodes[number + 1 :]):
                return
        except Refused as error:
            error.locate(frame.file, frame.line, frame.title)
            raise
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, AssertionError, ZeroDivisionError) as error:
            refusal = Refused("this statement could not be rewritten", "write it with simpler statements")
            refusal.locate(frame.file, frame.line, frame.title)
            raise refusal from error


def _run(frame: Frame, node: ast.stmt, rest: list[ast.stmt]) -> bool:
    """Runs a statement; True when the rest of its block had to be run inside its branches."""
    fork = _FORKS.get(type(node))
    if fork is not None:
        return bool(fork(frame, node, rest))
    _handler(node)(frame, node)
    return False


def call_value(frame: Frame, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Calls a value with arguments; where one of them is selected at run time, there is one call for each option."""
    if isinstance(function, Choice):
        return dispatch(frame, function, lambda option: call_value(frame, option, list(args), dict(kwargs)))
    if isinstance(function, Method):
        args = [settle_choice(frame, item) if isinstance(item, Choice) else item for item in args]
    chosen = next((item for item in (*args, *kwargs.values()) if isinstance(item, Choice)), None)
    if chosen is not None and isinstance(function, Static) and function.data in (tuple, list) and is_sequence(chosen):
        return options_of(chosen, lambda option: _call(frame, function, [option], kwargs))
    return _call(frame, function, args, kwargs) if chosen is None else _split(frame, function, args, kwargs, chosen)


def _call(frame: Frame, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    handler = _CALLABLES.get(type(function))
    if handler is None:
        raise Refused("this object cannot be called in TorchScript", "call a function or a module")
    value: Value = handler(frame, function, args, kwargs)
    return value


def _split(frame: Frame, function: Value, args: list[Value], kwargs: dict[str, Value], chosen: Choice) -> Value:
    """An argument that is one of several fixed objects: one call for each."""

    def use(option: Value) -> Value:
        return call_value(
            frame,
            function,
            [option if item is chosen else item for item in args],
            {key: option if item is chosen else item for key, item in kwargs.items()},
        )

    return dispatch(frame, chosen, use)


def call_static(frame: Frame, data: Any, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Calls an object that is fixed in the model, with arguments that are settled already."""
    return _call(frame, Static(data), args, kwargs)


def call_method(frame: Frame, owner: Value, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`owner.label(…)`."""
    handler = _OWNERS.get(type(owner))
    if handler is None:
        raise Refused(f"`{label}` of this object is not available in TorchScript")
    value: Value = handler(frame, owner, label, args, kwargs)
    return value
