"""What a statement may raise, as a test in front of it: a missing key, a division by zero, sizes that do not fit."""

from __future__ import annotations

import ast
import builtins
import copy
import math
import types
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate
from torchassay.capture.rewrite.frame import Scope
from torchassay.capture.rewrite.source import MUTATORS, cells_of, closure_of, function_node, is_user_function
from torchassay.capture.rewrite.values import Function, Static, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torchassay.capture.rewrite.frame import Frame


def foreseen(frame: Frame, node: ast.expr) -> Iterator[tuple[ast.expr, type]]:
    """The tests that tell whether evaluating `node` raises, in the order of evaluation, each with its exception."""
    for conditions, item in _evaluated(node, ()):
        found = guard(frame, item)
        if found is None:
            continue
        test, kind = found
        if not _repeatable(test):
            raise Refused("TorchScript has no `try` around a call that changes something", "take the value in a line before")
        yield ast.BoolOp(ast.And(), [*conditions, test]) if conditions else test, kind


def _evaluated(node: ast.AST, given: tuple[ast.expr, ...]) -> Iterator[tuple[tuple[ast.expr, ...], ast.expr]]:
    """The parts of an expression, inner ones first, each with the conditions under which it is evaluated."""
    if isinstance(node, (ast.Lambda, ast.FunctionDef)):
        return
    if isinstance(node, ast.IfExp):
        yield from _evaluated(node.test, given)
        yield from _evaluated(node.body, (*given, node.test))
        yield from _evaluated(node.orelse, (*given, ast.UnaryOp(ast.Not(), node.test)))
    elif isinstance(node, ast.BoolOp):
        before = given
        for value in node.values:
            yield from _evaluated(value, before)
            before = (*before, value if isinstance(node.op, ast.And) else ast.UnaryOp(ast.Not(), value))
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        yield from _evaluated(node.generators[0].iter, given)
    else:
        for part in ast.iter_child_nodes(node):
            yield from _evaluated(part, given)
    if isinstance(node, ast.expr):
        yield given, node


def _repeatable(node: ast.AST) -> bool:
    """Whether evaluating an expression twice is the same as once."""
    calls = [item.func for item in ast.walk(node) if isinstance(item, ast.Call)]
    return not any(isinstance(call, ast.Attribute) and call.attr in MUTATORS for call in calls)


class _Probing(ast.NodeTransformer):
    """A function made to say whether it would raise."""

    def __init__(self) -> None:
        self.raised: list[ast.expr] = []

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        if node.exc is not None:
            self.raised.append(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
        return ast.copy_location(ast.Return(ast.Constant(True)), node)

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        return ast.copy_location(ast.Return(ast.Constant(False)), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node


def _probe(frame: Frame, node: ast.Call) -> tuple[ast.expr, type] | None:
    """A call of a user's function that raises by itself: a twin of the function tells when."""
    callee = try_evaluate(frame, node.func)
    data = callee.data if isinstance(callee, Static) else None
    function = getattr(data, "__func__", data)
    if not isinstance(function, types.FunctionType) or not is_user_function(function):
        return None
    definition = function_node(function.__code__)
    if not isinstance(definition, ast.FunctionDef):
        return None
    probing = _Probing()
    body = [probing.visit(item) for item in copy.deepcopy(definition.body)]
    kinds = [_exception_class(function, item) for item in probing.raised]
    if not kinds or len(set(kinds)) != 1:
        return None
    if _changes(definition):
        raise Refused("TorchScript has no `try` around a function that changes something", "test the condition before the call")
    last = ast.Return(ast.Constant(False))
    last.lineno = definition.end_lineno or definition.lineno
    twin = ast.FunctionDef(f"{definition.name}_raises", definition.args, [*body, last], [], None)
    twin.lineno = definition.lineno
    return _probe_call(frame, node, function, twin, getattr(data, "__self__", None)), kinds[0]


def _changes(node: ast.AST) -> bool:
    """Whether a function changes more than its own variables: it must not run twice."""
    stores = (ast.Attribute, ast.Subscript)
    return any(isinstance(item, stores) and isinstance(item.ctx, ast.Store) for item in ast.walk(node)) or not _repeatable(node)


def _exception_class(function: types.FunctionType, node: ast.expr) -> type:
    text = ast.unparse(node)
    found = function.__globals__.get(text, getattr(builtins, text, RuntimeError))
    return found if isinstance(found, type) else RuntimeError


def _probe_call(frame: Frame, node: ast.Call, function: types.FunctionType, twin: ast.FunctionDef, owner: Any) -> ast.expr:
    scope = Scope(frame.spec, function.__code__.co_filename, function.__globals__)
    scope.closure, scope.cells = closure_of(function), cells_of(function)
    label = frame.fresh("_t_probe")
    frame.env[label] = Function(twin, scope, [Static(item) for item in function.__defaults__ or ()])
    args = list(node.args)
    if owner is not None:
        frame.env[f"{label}_self"] = Static(owner)
        args = [ast.Name(f"{label}_self", ast.Load()), *args]
    return ast.Call(ast.Name(label, ast.Load()), args, list(node.keywords))


_LINALG: Any = torch.linalg
_CHECKED = {"inv": "inv_ex", "inverse": "inv_ex", "cholesky": "cholesky_ex", "solve": "solve_ex"}


def guard(frame: Frame, node: ast.expr) -> tuple[ast.expr, type] | None:
    """A test that is true when evaluating `node` raises, with the exception."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _call_guard(frame, node, node.func)
    if isinstance(node, ast.Call):
        return _extreme_guard(frame, node) or _probe(frame, node)
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return _item_guard(frame, node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod)):
        return _division_guard(frame, node)
    if isinstance(node, ast.BinOp):
        return _operator_guard(frame, node)
    return None


def _call_guard(frame: Frame, node: ast.Call, function: ast.Attribute) -> tuple[ast.expr, type] | None:
    label = function.attr
    probed = _probe(frame, node)
    if probed is not None:
        return probed
    owner = try_evaluate(frame, function.value)
    if isinstance(owner, Static) and owner.data is math and label in _MATH_FAILS and len(node.args) == 1:
        return _filled(ast.parse(_MATH_FAILS[label], mode="eval").body, node.args[0], node.args[0]), ValueError
    if owner is not None and kind_of(owner).name == "List" and label in _LIST_FAILS:
        text, kind = _LIST_FAILS[label]
        return _filled(ast.parse(text, mode="eval").body, function.value, node.args[0] if node.args else function.value), kind
    if isinstance(owner, Static) and owner.data in (torch, torch.linalg) and label in _CHECKED and node.args:
        frame.env["_t_linalg"] = Static(torch.linalg)
        template = f"bool((_t_linalg.{_CHECKED[label]}()[1] != 0).any())"
        test: Any = ast.parse(template, mode="eval").body
        for item in ast.walk(test):
            if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr.endswith("_ex"):
                item.args = list(node.args)
        return test, _LINALG.LinAlgError
    if owner is not None and T.is_tensor(kind_of(owner)) and label in ("view", "reshape", "view_as", "expand"):
        return _size_guard(node, function)
    return None


_MATH_FAILS = {
    "sqrt": "a < 0",
    "log": "a <= 0",
    "log2": "a <= 0",
    "log10": "a <= 0",
    "log1p": "a <= -1",
    "acos": "abs(a) > 1",
    "asin": "abs(a) > 1",
    "acosh": "a < 1",
    "atanh": "abs(a) >= 1",
}
_LIST_FAILS: dict[str, tuple[str, type]] = {
    "index": ("b not in a", ValueError),
    "remove": ("b not in a", ValueError),
    "pop": ("len(a) == 0", IndexError),
}


def _extreme_guard(frame: Frame, node: ast.Call) -> tuple[ast.expr, type] | None:
    """`max` of an empty list raises."""
    if not isinstance(node.func, ast.Name) or len(node.args) != 1 or node.keywords:
        return None
    function, values = try_evaluate(frame, node.func), try_evaluate(frame, node.args[0])
    if not isinstance(function, Static) or not (function.data is max or function.data is min) or values is None:
        return None
    if kind_of(values).name != "List":
        return None
    return _filled(ast.parse("len(a) == 0", mode="eval").body, node.args[0], node.args[0]), ValueError


def _size_guard(node: ast.Call, function: ast.Attribute) -> tuple[ast.expr, type] | None:
    """`x.view(a, b)` raises when the sizes do not multiply to the number of elements."""
    if function.attr not in ("view", "reshape") or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
        return None
    sizes = node.args[0].elts if len(node.args) == 1 and isinstance(node.args[0], (ast.Tuple, ast.List)) else node.args
    fixed = [item for item in sizes if not _is_minus_one(item)]
    product: ast.expr = ast.Constant(1)
    for item in fixed:
        product = ast.BinOp(product, ast.Mult(), item)
    count = ast.Call(ast.Attribute(function.value, "numel", ast.Load()), [], [])
    if len(fixed) < len(sizes):
        return ast.Compare(ast.BinOp(count, ast.Mod(), product), [ast.NotEq()], [ast.Constant(0)]), RuntimeError
    return ast.Compare(count, [ast.NotEq()], [product]), RuntimeError


def _is_minus_one(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and ast.unparse(node) == "-1"


def _item_guard(frame: Frame, node: ast.Subscript) -> tuple[ast.expr, type] | None:
    owner, index = try_evaluate(frame, node.value), try_evaluate(frame, node.slice)
    if owner is None or index is None or (isinstance(node.slice, (ast.Slice, ast.Tuple)) and kind_of(owner).name != "Dict"):
        return None
    is_dict = kind_of(owner).name == "Dict" or (isinstance(owner, Static) and isinstance(owner.data, dict))
    if is_dict or getattr(owner, "kind", None) is dict:
        return ast.Compare(node.slice, [ast.NotIn()], [node.value]), KeyError
    if isinstance(index, Static) and not isinstance(index.data, int):
        return None
    size = ast.Call(ast.Name("len", ast.Load()), [node.value], [])
    low = ast.Compare(node.slice, [ast.GtE()], [ast.UnaryOp(ast.USub(), size)])
    high = ast.Compare(node.slice, [ast.Lt()], [size])
    return ast.UnaryOp(ast.Not(), ast.BoolOp(ast.And(), [low, high])), IndexError


def _division_guard(frame: Frame, node: ast.BinOp) -> tuple[ast.expr, type] | None:
    right, left = try_evaluate(frame, node.right), try_evaluate(frame, node.left)
    if right is None or left is None or kind_of(right) not in T.NUMBERS or kind_of(left) not in T.NUMBERS:
        return None
    return ast.Compare(node.right, [ast.Eq()], [ast.Constant(0)]), ZeroDivisionError


def _operator_guard(frame: Frame, node: ast.BinOp) -> tuple[ast.expr, type] | None:
    left, right = try_evaluate(frame, node.left), try_evaluate(frame, node.right)
    if left is None or right is None or not (T.is_tensor(kind_of(left)) and T.is_tensor(kind_of(right))):
        return None
    if isinstance(node.op, ast.MatMult):
        sides = ast.parse("a.shape[-1] != b.shape[-2 if b.dim() > 1 else -1]", mode="eval").body
        return _filled(sides, node.left, node.right), RuntimeError
    frame.env["_t_broadcasts"] = Static(broadcasts)
    test = ast.parse("not _t_broadcasts(a, b)", mode="eval").body
    return _filled(test, node.left, node.right), RuntimeError


def broadcasts(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors have shapes that broadcast."""
    for i in range(min(a.dim(), b.dim())):
        one = a.size(a.dim() - 1 - i)
        two = b.size(b.dim() - 1 - i)
        if one not in (two, 1) and two != 1:
            return False
    return True


def _filled(test: ast.expr, left: ast.expr, right: ast.expr) -> ast.expr:
    class Fill(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return {"a": left, "b": right}.get(node.id, node)

    filled: ast.expr = Fill().visit(test)
    return filled


def try_evaluate(frame: Frame, node: ast.expr) -> Any:
    """The value of an expression without leaving a trace; None when it has none."""
    saved, counter = frame.snapshot(), frame.spec.counter
    try:
        with frame.block():
            return evaluate(frame, node)
    except Refused:
        return None
    finally:
        frame.rollback(saved)
        frame.spec.counter = counter
