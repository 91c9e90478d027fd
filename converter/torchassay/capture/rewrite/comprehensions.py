"""Comprehensions: displays of their items where these are fixed, loops that fill a container where not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite.binding import bind_target
from torchassay.capture.rewrite.conditions import test_of
from torchassay.capture.rewrite.evaluator import evaluate, handles, run_block
from torchassay.capture.rewrite.indices import by_length
from torchassay.capture.rewrite.iteration import items_of
from torchassay.capture.rewrite.passing import item_sample
from torchassay.capture.rewrite.sets import set_of
from torchassay.capture.rewrite.table import FUNCTIONS
from torchassay.capture.rewrite.values import Dynamic, Static, Struct, Value, is_static, sample_of

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame, Snapshot


@handles(ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)
def _comprehension(frame: Frame, node: Any) -> Value:
    """A list, dict or set comprehension, or a generator taken as a list."""
    saved = dict(frame.env)
    try:
        fixed = _unrolled(frame, node)
        if fixed is None:
            fixed = _slices(frame, node)
        return fixed if fixed is not None else _looped(frame, node)
    finally:
        kept = {text: value for text, value in frame.env.items() if text.startswith("_t_")}
        frame.env = {**saved, **kept}


def _unrolled(frame: Frame, node: Any) -> Value | None:
    """The comprehension over fixed sequences with decided filters: a display of its items."""
    saved = frame.snapshot()
    counter = frame.spec.counter
    found: list[Any] = []

    def turn(number: int) -> bool:
        if number == len(node.generators):
            found.append(_produce(frame, node))
            return True
        generator = node.generators[number]
        items = items_of(frame, evaluate(frame, generator.iter))
        if items is None:
            return False
        for item in items:
            bind_target(frame, generator.target, item)
            tests = [test_of(frame, test) for test in generator.ifs]
            if any(test.known is None for test in tests):
                return False
            if all(test.known for test in tests) and not turn(number + 1):
                return False
        return True

    if not turn(0):
        frame.rollback(saved)
        frame.spec.counter = counter
        return None
    if isinstance(node, ast.DictComp):
        return _fixed_dict(frame, found, saved)
    listed = Struct(list, list(range(len(found))), found)
    return _as_set(frame, listed) if isinstance(node, ast.SetComp) else listed


def _as_set(frame: Frame, value: Value) -> Value:
    if isinstance(value, Struct) and all(isinstance(item, Static) for item in value.items):
        return Static({sample_of(item) for item in value.items})
    return set_of(frame, value)


def _fixed_dict(frame: Frame, found: list[tuple[Value, Value]], saved: Snapshot) -> Value | None:
    if not all(is_static(key) for key, _ in found):
        frame.rollback(saved)
        return None
    pairs = {sample_of(key): item for key, item in found}
    return Struct(dict, list(pairs), list(pairs.values()))


def _slices(frame: Frame, node: Any) -> Value | None:
    """`[slice(a, b) for …]`: a list for each bound, a choice among lengths of what no list holds; None for another one."""
    element = getattr(node, "elt", None)
    if not isinstance(element, ast.Call) or not isinstance(element.func, ast.Name) or isinstance(node, ast.SetComp):
        return None
    function = frame.find(element.func.id)
    if not isinstance(function, Static) or function.data is not slice or not element.args:
        return None
    args = [ast.Constant(None), *element.args] if len(element.args) == 1 else element.args
    bounds = [_bound(frame, item, node.generators) for item in args]
    first = next((item for item in bounds if isinstance(item, Dynamic)), None)
    if first is None:
        return None
    length = FUNCTIONS[len](frame, [first], {})
    assert isinstance(length, Dynamic)
    return by_length(frame, length, lambda count: _cuts(bounds, count))


def _bound(frame: Frame, node: ast.expr, generators: list[ast.comprehension]) -> Value:
    if isinstance(node, ast.Constant):
        return Static(node.value)
    return frame.once(evaluate(frame, ast.ListComp(node, generators)))


def _cuts(bounds: list[Value], count: int) -> Value:
    """The first slices, as many as asked for."""
    cuts: list[Value] = [
        Struct(slice, ["start", "stop", "step"], [*(_nth(bound, number) for bound in bounds), Static(None)][:3])
        for number in range(count)
    ]
    return Struct(list, list(range(count)), cuts)


def _nth(bound: Value, number: int) -> Value:
    if not isinstance(bound, Dynamic):
        return bound
    code = ast.Subscript(bound.code, ast.Constant(number), ast.Load())
    return Dynamic(bound.type.args[0], code, item_sample(bound, number))


def _produce(frame: Frame, node: Any) -> Any:
    if isinstance(node, ast.DictComp):
        return evaluate(frame, node.key), frame.once(evaluate(frame, node.value))
    return frame.once(evaluate(frame, node.elt))


def _looped(frame: Frame, node: Any) -> Value:
    """The comprehension as loops that fill a container."""
    is_dict = isinstance(node, ast.DictComp)
    target = f"_t_{frame.spec.counter + 1}"
    frame.spec.counter += 1
    if is_dict:
        innermost: ast.stmt = ast.Assign([ast.Subscript(ast.Name(target, ast.Load()), node.key, ast.Store())], node.value)
        start: ast.expr = ast.Dict([], [])
    else:
        append = ast.Attribute(ast.Name(target, ast.Load()), "append", ast.Load())
        innermost = ast.Expr(ast.Call(append, [node.elt], []))
        start = ast.List([], ast.Load())
    body: list[ast.stmt] = [innermost]
    for generator in reversed(node.generators):
        for test in reversed(generator.ifs):
            body = [ast.If(test, body, [])]
        body = [ast.For(generator.target, generator.iter, body, [])]
    frame.mutated.add(target)
    line = frame.line
    nodes = [ast.Assign([ast.Name(target, ast.Store())], start), *body]
    for statement in nodes:
        for part in ast.walk(statement):
            if isinstance(part, ast.stmt):
                part.lineno = line
    run_block(frame, nodes)
    return _as_set(frame, frame.env[target]) if isinstance(node, ast.SetComp) else frame.env[target]
