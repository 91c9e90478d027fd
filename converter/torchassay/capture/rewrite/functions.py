"""Python functions: those with source are specialised, those on fixed values run at once."""

from __future__ import annotations

import ast
import types
from typing import TYPE_CHECKING, Any

from torch import nn

from torchassay.capture.rewrite.errors import AlwaysRaises, Refused
from torchassay.capture.rewrite.passing import bind, expanded
from torchassay.capture.rewrite.source import function_node
from torchassay.capture.rewrite.values import Static, Value, is_static, sample_of

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def call_user(frame: Frame, function: types.FunctionType, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Calls a Python function that has source."""
    host = None
    if args and isinstance(args[0], Static) and isinstance(args[0].data, nn.Module):
        first = function.__code__.co_varnames[:1]
        if first == ("self",):
            host = frame.spec.layout.path_of(args[0].data, frame.host)
    node = function_node(function.__code__)
    if node is None:
        if all(is_static(item) for item in (*args, *kwargs.values())):
            return evaluate_now(function, args, kwargs)
        raise Refused(f"the source of `{function.__qualname__}` cannot be found", "define it with `def` in a file")
    defaults: list[Value] = [Static(item) for item in function.__defaults__ or ()]
    named: dict[str, Value] = {key: Static(item) for key, item in (function.__kwdefaults__ or {}).items()}
    bound = bind(node.args, filled(frame, node.args, args, kwargs, defaults), kwargs, defaults, named)
    return frame.spec.specialise(function, bound, frame, host=host)


def filled(frame: Frame, spec: ast.arguments, args: list[Value], kwargs: dict[str, Value], defaults: list[Value]) -> list[Value]:
    """The arguments with a `*` list opened where the parameters say how many items it has."""
    wanted = [item.arg for item in (*spec.posonlyargs, *spec.args) if item.arg not in kwargs]
    return args if spec.vararg is not None or defaults else expanded(frame, args, len(wanted))


def evaluate_now(function: Any, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Runs a function on values that are all fixed."""
    try:
        return Static(function(*map(sample_of, args), **{key: sample_of(item) for key, item in kwargs.items()}))
    except Exception as error:
        label = getattr(function, "__name__", "this")
        raise AlwaysRaises(f"`{label}` raises {type(error).__name__}: {error}", type(error)) from error


def is_torch(function: types.FunctionType) -> bool:
    file = function.__code__.co_filename
    return "/torch/" in file or file.startswith("<")


def undecorated(function: types.FunctionType) -> Any:
    """What a decorator of PyTorch's wraps, where the decorator does not change the result."""
    if hasattr(function, "__script_if_tracing_wrapper"):
        return function.__original_fn  # type: ignore[attr-defined]
    wrapped = getattr(function, "__wrapped__", None)
    file = function.__code__.co_filename
    if wrapped is not None and file.endswith(("_contextlib.py", "eval_frame.py", "decorators.py", "autocast_mode.py")):
        return wrapped
    return None
