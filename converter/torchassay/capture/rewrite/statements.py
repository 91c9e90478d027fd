"""Statements: executed as far as they are known, written down as far as they are not."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.conditions import test_of
from torchassay.capture.rewrite.errors import Refused, Unmergeable
from torchassay.capture.rewrite.expressions import BINARY, attempt, binary, evaluate, make_function
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.source import twins
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Static,
    Struct,
    Value,
    kind_of,
    name,
    sample_of,
)

Handler = Callable[[Frame, Any], None]
HANDLERS: dict[type, Handler] = {}


def handles(*kinds: type) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        for kind in kinds:
            HANDLERS[kind] = function
        return function

    return register


def run_function(frame: Frame, node: ast.FunctionDef | ast.Lambda) -> None:
    """The body of a function, closed by a return."""
    if isinstance(node, ast.Lambda):
        _finish(frame, evaluate(frame, node.body))
        return
    from torchassay.capture.rewrite.generators import is_generator, run_generator

    frame.read_after = _reader(frame, node)
    frame.twins = twins(node)
    if is_generator(node):
        run_generator(frame, node)
    else:
        run_block(frame, node.body)
    if not frame.ended:
        _finish(frame, Static(None))


def _reader(frame: Frame, node: ast.FunctionDef) -> Callable[[str], bool]:
    """Whether a name is read later in the function: a variable that nobody reads needs no value."""
    last: dict[str, int] = {}
    for item in ast.walk(node):
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load):
            last[item.id] = max(last.get(item.id, 0), item.lineno)

    def is_read(text: str) -> bool:
        if text.startswith("_t_"):
            return True
        return last.get(text, 0) > (0 if frame.turns else frame.line)

    return is_read


def run_block(frame: Frame, nodes: list[ast.stmt]) -> None:
    """Statements in order, until one of them leaves."""
    from torchassay.capture.rewrite.exceptions import run_try

    for number, node in enumerate(nodes):
        if frame.ended:
            return
        frame.line = getattr(node, "lineno", frame.line)
        try:
            if isinstance(node, ast.If):
                if _run_if(frame, node, nodes[number + 1 :]):
                    return
                continue
            if isinstance(node, ast.Try):
                if run_try(frame, node, nodes[number + 1 :]):
                    return
                continue
            run(frame, node)
        except Refused as error:
            error.locate(frame.file, frame.line, frame.title)
            raise
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, AssertionError, ZeroDivisionError) as error:
            refusal = Refused("this statement could not be rewritten", "write it with simpler statements")
            refusal.locate(frame.file, frame.line, frame.title)
            raise refusal from error


def run(frame: Frame, node: ast.stmt) -> None:
    handler = HANDLERS.get(type(node))
    if handler is None:
        raise Refused(f"TorchScript has no `{type(node).__name__}`", "write it with simpler statements")
    handler(frame, node)


def _run_if(frame: Frame, node: ast.If, rest: list[ast.stmt]) -> bool:
    """Runs an `if`; True when the rest of the block had to be run inside its branches."""
    test = test_of(frame, node.test)
    if test.known is not None:
        run_block(frame, node.body if test.known else node.orelse)
        return False
    saved, counter = frame.snapshot(), frame.spec.counter
    try:
        frame.branch(test.code, _runner(frame, node.body), _runner(frame, node.orelse), taken=test.taken, facts=test.facts)
    except Unmergeable:
        if not rest:
            raise
        frame.rollback(saved)
        frame.spec.counter = counter
        both = [*node.body, *rest], [*node.orelse, *rest]
        frame.branch(test.code, _runner(frame, both[0]), _runner(frame, both[1]), taken=test.taken, facts=test.facts)
        return True
    return False


def _runner(frame: Frame, nodes: list[ast.stmt]) -> Callable[[], Value | None]:
    def run_side() -> Value | None:
        run_block(frame, nodes)
        return None

    return run_side


def _finish(frame: Frame, value: Value) -> None:
    if isinstance(value, Choice):
        from torchassay.capture.rewrite.dispatch import settle_choice

        value = settle_choice(frame, value)
    from torchassay.capture.rewrite.iteration import Iteration, comprehension_list

    if isinstance(value, Iteration):
        value = comprehension_list(frame, value)
    node = ast.Return(None)
    frame.emit(node)
    frame.returns.append((node, value))
    frame.ended = True


@handles(ast.Return)
def _return(frame: Frame, node: ast.Return) -> None:
    _finish(frame, Static(None) if node.value is None else evaluate(frame, node.value))


@handles(ast.Pass, ast.Global, ast.Import, ast.ImportFrom)
def _pass(frame: Frame, node: ast.stmt) -> None:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        space: dict[str, Any] = dict(frame.globals)
        exec(compile(ast.Module([node], []), frame.file, "exec"), space)  # noqa: S102 - the import that the user wrote
        for alias in node.names:
            label = alias.asname or alias.name.split(".")[0]
            frame.env[label] = Static(space[label])
    elif isinstance(node, ast.Global):
        raise Refused("a global variable is changed in `forward`", "keep the value in an attribute of the module")


@handles(ast.Nonlocal)
def _nonlocal(frame: Frame, node: ast.Nonlocal) -> None:
    raise Refused("a nested function changes a variable of its surroundings", "return the new value instead")


@handles(ast.Expr)
def _expr(frame: Frame, node: ast.Expr) -> None:
    if isinstance(node.value, ast.Constant):
        return
    value = evaluate(frame, node.value)
    if isinstance(value, Dynamic) and isinstance(value.code, ast.Call):
        frame.emit(ast.Expr(value.code))
    elif isinstance(value, Choice):
        from torchassay.capture.rewrite.dispatch import settle_choice

        settle_choice(frame, value)


@handles(ast.FunctionDef)
def _function(frame: Frame, node: ast.FunctionDef) -> None:
    found: Value = make_function(frame, node)
    for decorator in reversed(node.decorator_list):
        from torchassay.capture.rewrite.calls import call_value

        found = call_value(frame, evaluate(frame, decorator), [found], {})
    frame.env[node.name] = found


@handles(ast.Assign)
def _assign(frame: Frame, node: ast.Assign) -> None:
    value = evaluate(frame, node.value)
    if len(node.targets) > 1:
        value = frame.temp(value)
    for target in node.targets:
        bind_target(frame, target, value)


@handles(ast.AnnAssign)
def _ann_assign(frame: Frame, node: ast.AnnAssign) -> None:
    if node.value is not None:
        bind_target(frame, node.target, evaluate(frame, node.value))


def bind_target(frame: Frame, target: ast.expr, value: Value) -> None:
    """`target = value`."""
    if isinstance(target, ast.Name):
        from torchassay.capture.rewrite.iteration import Iteration, comprehension_list

        frame.bind(target.id, comprehension_list(frame, value) if isinstance(value, Iteration) else value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _bind_parts(frame, list(target.elts), value)
    elif isinstance(target, ast.Attribute):
        from torchassay.capture.rewrite.stores import store_attribute

        store_attribute(frame, evaluate(frame, target.value), target.attr, value, target)
    elif isinstance(target, ast.Subscript):
        from torchassay.capture.rewrite.stores import store_item

        store_item(frame, target, value)
    else:
        raise Refused("TorchScript cannot assign to this target", "assign to a name")


def _bind_parts(frame: Frame, targets: list[ast.expr], value: Value) -> None:
    starred = [number for number, target in enumerate(targets) if isinstance(target, ast.Starred)]
    if starred and not _fixed_length(value):
        _bind_starred(frame, targets, value, starred[0])
        return
    parts = _parts(frame, value, len(targets), bool(starred))
    if starred:
        first, after = starred[0], len(targets) - starred[0] - 1
        middle = parts[first : len(parts) - after]
        collected: Value = Struct(list, list(range(len(middle))), middle)
        parts = [*parts[:first], collected, *parts[len(parts) - after :]]
        targets = [target.value if isinstance(target, ast.Starred) else target for target in targets]
    if len(parts) != len(targets):
        raise Refused(f"{len(parts)} values are unpacked into {len(targets)} names")
    kept = [frame.temp(part) if _reads(part, targets) else part for part in parts]
    for target, part in zip(targets, kept, strict=True):
        bind_target(frame, target, part)


def _fixed_length(value: Value) -> bool:
    return not isinstance(value, Dynamic) or value.type.name == "Tuple"


def _bind_starred(frame: Frame, targets: list[ast.expr], value: Value, first: int) -> None:
    """`a, *b, c = values` for a list whose length is known only at run time."""
    from torchassay.capture.rewrite.subscripts import subscript
    from torchassay.capture.rewrite.table import FUNCTIONS

    held = frame.temp(FUNCTIONS[list](frame, [value], {}) if T.is_tensor(kind_of(value)) else value)
    after = len(targets) - first - 1
    for number, target in enumerate(targets):
        if isinstance(target, ast.Starred):
            part = subscript(frame, held, Static(slice(first, -after if after else None)))
            bind_target(frame, target.value, part)
        else:
            bind_target(frame, target, subscript(frame, held, Static(number if number < first else number - len(targets))))


def _reads(part: Value, targets: list[ast.expr]) -> bool:
    """Whether the code of a part mentions what the same statement assigns."""
    if any(isinstance(target, (ast.Attribute, ast.Subscript)) for target in targets):
        return True
    assigned = {target.id for target in targets if isinstance(target, ast.Name)}
    if isinstance(part, Struct):
        return any(_reads(item, targets) for item in part.items)
    if not isinstance(part, Dynamic):
        return False
    return any(isinstance(node, ast.Name) and node.id in assigned for node in ast.walk(part.code))


def _parts(frame: Frame, value: Value, count: int, starred: bool) -> list[Value]:
    from torchassay.capture.rewrite.iteration import items_of, iteration_of

    items = items_of(frame, value)
    if items is not None:
        return items
    if starred:
        raise Refused("`*` collects a list of unknown length", "index the list")
    if isinstance(value, Dynamic):
        value = frame.temp(value) if not isinstance(value.code, ast.Name) else value
    sequence = iteration_of(frame, value)
    if isinstance(value, Dynamic) and T.is_tensor(value.type):
        parts: list[Value] = []
        for number in range(count):
            sample = attempt(lambda n=number: value.sample[n])  # type: ignore[misc]
            parts.append(Dynamic(T.TENSOR, ast.Subscript(value.code, ast.Constant(number), ast.Load()), sample))
        frame.emit_code(f"assert len(x) == {count}, 'wrong number of values to unpack'", x=value.code)
        return parts
    found = [sequence.element(ast.Constant(number)) for number in range(count)]
    for number, part in enumerate(found):
        if isinstance(part, Dynamic) and isinstance(value, Dynamic) and value.known:
            part.sample = attempt(lambda n=number: value.sample[n])  # type: ignore[misc]
    if isinstance(value, Dynamic) and value.type.name == "List":
        frame.emit_code(f"assert len(x) == {count}, 'wrong number of values to unpack'", x=value.code)
    return found


@handles(ast.AugAssign)
def _aug_assign(frame: Frame, node: ast.AugAssign) -> None:
    change = evaluate(frame, node.value)
    if isinstance(node.target, ast.Name):
        current = evaluate(frame, ast.Name(node.target.id, ast.Load()))
        if isinstance(current, Dynamic) and _in_place(current) and isinstance(current.code, ast.Name):
            _in_place_change(frame, node.op, current, change)
            return
        frame.bind(node.target.id, binary(frame, node.op, current, change))
        return
    if isinstance(node.target, ast.Attribute):
        from torchassay.capture.rewrite.stores import change_attribute

        change_attribute(frame, node, change)
        return
    from torchassay.capture.rewrite.stores import change_item

    assert isinstance(node.target, ast.Subscript)
    change_item(frame, node, change)


def _in_place(value: Dynamic) -> bool:
    if T.is_tensor(value.type):
        return value.type != T.UNKNOWN or not value.known
    return value.type.name == "List"


def _in_place_change(frame: Frame, op: ast.operator, current: Dynamic, change: Value) -> None:
    if current.type.name == "List":
        from torchassay.capture.rewrite.methods import call_method

        if isinstance(op, ast.Add):
            call_method(frame, current, "extend", [change], {})
            return
        raise Refused("this changes a list in place", "make a new list")
    assert isinstance(current.code, ast.Name)
    frame.emit(ast.AugAssign(ast.Name(current.code.id, ast.Store()), op, frame.code(change)))
    in_place = getattr(operator, f"i{BINARY[type(op)].__name__.strip('_')}", None)
    if in_place is not None and current.known and sample_of(change) is not MISSING:
        attempt(lambda: in_place(current.sample, sample_of(change)))


@handles(ast.Raise)
def _raise(frame: Frame, node: ast.Raise) -> None:
    from torchassay.capture.rewrite.exceptions import run_raise

    run_raise(frame, node)


@handles(ast.Assert)
def _assert(frame: Frame, node: ast.Assert) -> None:
    test = test_of(frame, node.test)
    if test.known is True:
        return
    text = node.msg.value if isinstance(node.msg, ast.Constant) and isinstance(node.msg.value, str) else "assertion failed"
    if frame.handlers:
        from torchassay.capture.rewrite.exceptions import run_raise

        exception = ast.Raise(ast.Call(name("AssertionError"), [ast.Constant(text)], []), None)
        frame.branch(ast.UnaryOp(ast.Not(), test.code), lambda: run_raise(frame, exception), lambda: None)
        return
    frame.emit(ast.Assert(test.code, ast.Constant(text)))
    frame.refined.update(test.when_true)
    frame.ended = test.known is False


@handles(ast.Delete)
def _delete(frame: Frame, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.env.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            owner = evaluate(frame, target.value)
            index = evaluate(frame, target.slice)
            from torchassay.capture.rewrite.methods import call_method

            call_method(frame, owner, "pop", [index], {})
        else:
            raise Refused("an attribute is deleted in `forward`", "set it to None")


@handles(ast.With)
def _with(frame: Frame, node: ast.With) -> None:
    kept: list[ast.withitem] = []
    for item in node.items:
        native = _context(frame, item)
        if native is not None:
            kept.append(ast.withitem(native, None))
    if not kept:
        run_block(frame, node.body)
        return
    with frame.block() as body:
        run_block(frame, node.body)
    frame.emit(ast.With(kept, body or [ast.Pass()]))


_SILENT = (
    "nullcontext",
    "record_function",
    "profile",
    "suppress_warnings",
    "catch_warnings",
    "FlopCounterMode",
    "enable_grad",
    "sdpa_kernel",
    "_sdpa_kernel_variadic",
    "set_grad_enabled",
    "inference_mode",
    "ThreadPoolExecutor",
)


def _context(frame: Frame, item: ast.withitem) -> ast.expr | None:
    """The context that the artifact enters as well; None for one that has no effect on results."""
    value = evaluate(frame, item.context_expr)
    data = value.data if isinstance(value, Static) else None
    label = type(data).__name__
    if item.optional_vars is not None:
        bind_target(frame, item.optional_vars, Static(getattr(data, "enter_result", data)))
    if label in ("no_grad", "inference_mode"):
        return ast.parse("torch.no_grad()", mode="eval").body
    if isinstance(data, torch.autocast):
        text = f"torch.autocast({data.device!r}, dtype={data.fast_dtype}, enabled={data._enabled})"
        return ast.parse(text, mode="eval").body
    if label in _SILENT or label == "_GeneratorContextManager":
        return None
    raise Refused(f"TorchScript cannot enter the context `{label}`", "leave it out of the exported method")


@handles(ast.Match)
def _match(frame: Frame, node: ast.Match) -> None:
    from torchassay.capture.rewrite.matching import run_match

    run_match(frame, node)


@handles(ast.For)
def _for(frame: Frame, node: ast.For) -> None:
    from torchassay.capture.rewrite.loops import run_for

    run_for(frame, node)


@handles(ast.While)
def _while(frame: Frame, node: ast.While) -> None:
    from torchassay.capture.rewrite.loops import run_while

    run_while(frame, node)


@handles(ast.Break, ast.Continue)
def _leave(frame: Frame, node: ast.stmt) -> None:
    from torchassay.capture.rewrite.loops import leave

    leave(frame, isinstance(node, ast.Break))


def is_module(value: Value) -> bool:
    return isinstance(value, Static) and isinstance(value.data, nn.Module)


__all__ = ["bind_target", "kind_of", "run_block", "run_function"]
