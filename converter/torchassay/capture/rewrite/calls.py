"""Calls: of functions that are specialised, of modules, of what TorchScript knows itself."""

from __future__ import annotations

import ast
import functools
import io
import logging
import types
import warnings
from typing import TYPE_CHECKING, Any, get_origin

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.arrays import makes_array
from torchassay.capture.rewrite.binding import bind_target
from torchassay.capture.rewrite.bound import call_bound
from torchassay.capture.rewrite.classes import call_class
from torchassay.capture.rewrite.dispatch import dispatch
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_method, call_static, call_value, calls, evaluate, handles
from torchassay.capture.rewrite.functions import call_user, filled, is_torch, undecorated
from torchassay.capture.rewrite.iteration import Iteration, items_of
from torchassay.capture.rewrite.iterators import take_next
from torchassay.capture.rewrite.kept import take_kept
from torchassay.capture.rewrite.lists import comprehension_list
from torchassay.capture.rewrite.modules import call_module
from torchassay.capture.rewrite.passing import Spread, bind
from torchassay.capture.rewrite.protocols import call_protocol
from torchassay.capture.rewrite.quantifiers import quantify
from torchassay.capture.rewrite.rebinding import nonlocal_names
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.source import MUTATORS
from torchassay.capture.rewrite.stores import CONTAINERS, make_shared, make_state
from torchassay.capture.rewrite.table import FUNCTIONS
from torchassay.capture.rewrite.torch_calls import call_torch
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Function,
    Static,
    Struct,
    Super,
    Value,
    name,
    sample_of,
    unpack,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


@handles(ast.Call)
def _call(frame: Frame, node: ast.Call) -> Value:
    """A call expression."""
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        return _super(frame, node)
    if isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
        _mark_changed(frame, node.func.value)
    function = evaluate(frame, node.func)
    if is_silent(function):
        return Static(None)
    if isinstance(function, Static) and (function.data is any or function.data is all):
        found = quantify(frame, node, function.data is all)
        if found is not None:
            return found
    if isinstance(function, Static) and function.data is next and node.args:
        return _next(frame, node)
    args, kwargs = arguments(frame, node)
    return _call_opened(frame, function, args, kwargs)


def _next(frame: Frame, node: ast.Call) -> Value:
    """`next`: of an iterator that outlives the call, of a variable, of another value."""
    source, default = node.args[0], [evaluate(frame, item) for item in node.args[1:]]
    value = evaluate(frame, source)
    if not default and (found := call_protocol(frame, value, "next")) is not None:
        return found
    if isinstance(value, Static) and hasattr(value.data, "__next__"):
        own = isinstance(source, ast.Call) or (isinstance(source, ast.Name) and source.id in frame.env)
        if frame.spec.cells.is_kept(value.data) or not own:
            return take_kept(frame, value.data, default)
    if isinstance(source, ast.Name):
        return take_next(frame, source.id, default)
    return call_static(frame, next, [value, *default], {})


def _call_opened(frame: Frame, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call whose `**` may stand for one of several dicts: one call for each."""
    text = next((text for text, item in kwargs.items() if text.startswith("**")), None)
    if text is None:
        return call_value(frame, function, args, kwargs)
    chosen = kwargs.pop(text)

    def use(option: Value) -> Value:
        return _call_opened(frame, function, list(args), {**kwargs, **_opened(frame, option)})

    return dispatch(frame, chosen, use) if isinstance(chosen, Choice) else use(chosen)


def _opened(frame: Frame, value: Value) -> dict[str, Value]:
    """What `**` passes."""
    opened = unpack(value) if isinstance(value, Static) else value
    if not isinstance(opened, Struct) or opened.kind is not dict:
        raise Refused("`**` of a dict that is known only at run time", "name the arguments")
    return dict(zip(opened.keys, opened.items, strict=True))


_SILENT_ROOMS = {"logging": ("debug", "info", "warning", "warn", "error", "exception", "critical", "log")}


def is_silent(function: Value) -> bool:
    """Whether a call only tells people something: the artifact does not, and its arguments need no code."""
    data = function.data if isinstance(function, Static) else None
    if data is print or data is warnings.warn:
        return True
    owner = getattr(data, "__self__", None)
    if isinstance(owner, (logging.Logger, logging.LoggerAdapter, io.TextIOBase)):
        return True
    label = getattr(data, "__name__", "")
    return isinstance(data, types.FunctionType) and label in _SILENT_ROOMS.get(data.__module__ or "", ())


def _mark_changed(frame: Frame, node: ast.expr) -> None:
    """A container that an attribute holds is changed in place: the attribute is state."""
    if isinstance(node, ast.Name):
        held = evaluate(frame, node) if frame.find(node.id) is not None else None
        if isinstance(held, Static) and isinstance(held.data, CONTAINERS) and node.id not in frame.env:
            make_shared(frame, node.id, held)
        return
    if not isinstance(node, ast.Attribute) or any(isinstance(item, ast.Call) for item in ast.walk(node)):
        return
    owner = evaluate(frame, node)
    if isinstance(owner, Static) and isinstance(owner.data, CONTAINERS):
        make_state(frame, node, owner)


def _super(frame: Frame, node: ast.Call) -> Value:
    if node.args:
        owner, instance = (evaluate(frame, item) for item in node.args)
        assert isinstance(owner, Static)
        return Super(owner.data, instance)
    cell = frame.find("__class__")
    instance_value = frame.find("self")
    if not isinstance(cell, Static) or instance_value is None:
        raise Refused("`super()` is used outside of a method")
    return Super(cell.data, instance_value)


def arguments(frame: Frame, node: ast.Call) -> tuple[list[Value], dict[str, Value]]:
    """The values of the arguments, `*` and `**` opened."""
    args: list[Value] = []
    for item in node.args:
        if not isinstance(item, ast.Starred):
            mark = len(frame.out)
            value = evaluate(frame, item)
            args = [*(given if isinstance(given, Spread) else frame.pinned(given, mark) for given in args), value]
            continue
        value = evaluate(frame, item.value)
        if isinstance(value, Iteration):
            value = comprehension_list(frame, value)
        items = items_of(frame, value)
        if items is not None:
            args += items
        elif isinstance(value, Dynamic) and value.type.name == "List":
            args.append(Spread(value))
        else:
            raise Refused("TorchScript cannot expand `*` here", "pass the items one by one")
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        mark = len(frame.out)
        value = evaluate(frame, keyword.value)
        args = [given if isinstance(given, Spread) else frame.pinned(given, mark) for given in args]
        if keyword.arg is None and not isinstance(value, Choice):
            kwargs.update(_opened(frame, value))
        else:
            kwargs[keyword.arg or f"**{len(kwargs)}"] = value
    return args, kwargs


@calls(Function)
def _call_function(frame: Frame, function: Function, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A nested function."""
    if (names := nonlocal_names(function.node)) and any(frame.find_local(text) for text in names):
        return _rebinding(frame, function, args, kwargs, names)
    given = filled(frame, function.node.args, args, kwargs, function.defaults)
    bound = bind(function.node.args, given, kwargs, function.defaults, function.keyword_defaults)
    return frame.spec.specialise(function, bound, frame)


def _rebinding(frame: Frame, function: Function, args: list[Value], kwargs: dict[str, Value], names: tuple[str, ...]) -> Value:
    """A nested function with `nonlocal` variables: they are passed in, and returned beside the result."""
    if function.frame is not frame or not isinstance(function.node, ast.FunctionDef):
        raise Refused("a nested function changes a variable of its surroundings", "return the new value instead")
    node = frame.spec.returning(function.node, names)
    bound = bind(function.node.args, args, kwargs, function.defaults, function.keyword_defaults)
    for text in names:
        bound[text] = evaluate(frame, name(text))
    found = frame.spec.specialise(Function(node, frame, function.defaults, function.keyword_defaults), bound, frame)
    target = frame.fresh("_t_rebound")
    bind_target(frame, ast.Tuple([ast.Name(part, ast.Store()) for part in (target, *names)], ast.Store()), found)
    return frame.env[target]


@calls(Struct)
def _call_struct(frame: Frame, function: Struct, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """An object of a class that has `__call__`."""
    member = getattr(function.kind, "__call__", None) if isinstance(function.kind, type) else None  # noqa: B004 - its own method
    if not isinstance(member, types.FunctionType):
        raise Refused("this object cannot be called in TorchScript", "call a function or a module")
    return call_user(frame, member, [function, *args], kwargs)


@calls(Static)
def _call_static(frame: Frame, function: Static, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """An object that is fixed in the model."""
    data = function.data
    if data is None:
        frame.emit_code("raise TypeError('None is not callable')")
        frame.ended = True
        return Static(None)
    if isinstance(data, nn.Module):
        return call_module(frame, data, args, kwargs)
    if _hashable(data) and data in FUNCTIONS:
        return FUNCTIONS[data](frame, args, kwargs)
    if isinstance(data, types.BuiltinMethodType) and isinstance(data.__self__, (dict, list, tuple, str)):
        return call_method(frame, Static(data.__self__), data.__name__, args, kwargs)
    if isinstance(data, torch.jit.ScriptFunction):
        return _script_function(frame, data, args, kwargs)
    if isinstance(data, types.MethodType):
        return call_bound(frame, data, args, kwargs)
    if isinstance(data, type):
        return call_class(frame, data, args, kwargs)
    found = _python_callable(frame, data, args, kwargs)
    return call_torch(frame, data, args, kwargs) if found is None else found


def _python_callable(frame: Frame, data: Any, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """Functions that have Python source, wrapped or not; None for others."""
    if isinstance(data, types.GenericAlias) or type(data).__module__ == "typing":
        return call_static(frame, get_origin(data), args, kwargs)
    if isinstance(data, functools.partial):
        fixed = [Static(item) for item in data.args]
        named = {key: Static(item) for key, item in data.keywords.items()}
        return call_value(frame, Static(data.func), [*fixed, *args], {**named, **kwargs})
    if isinstance(data, functools._lru_cache_wrapper):
        return call_static(frame, data.__wrapped__, args, kwargs)
    if isinstance(data, types.FunctionType) and not is_torch(data) and not makes_array(data):
        return call_user(frame, data, args, kwargs)
    if isinstance(data, types.FunctionType) and (undone := undecorated(data)) is not None:
        return call_static(frame, undone, args, kwargs)
    own_call = next((vars(kind)["__call__"] for kind in type(data).__mro__ if "__call__" in vars(kind)), None)
    if isinstance(own_call, types.FunctionType) and not is_torch(own_call):
        return call_user(frame, own_call, [Static(data), *args], kwargs)
    return None


def _hashable(data: Any) -> bool:
    try:
        hash(data)
    except TypeError:
        return False
    return True


def _script_function(frame: Frame, data: Any, args: list[Value], kwargs: dict[str, Value]) -> Value:
    label = f"_script_{data.name}"
    known = frame.spec.namespace.setdefault(label, data)
    if known is not data:
        label = f"{label}_{len(frame.spec.namespace)}"
        frame.spec.namespace[label] = data
    samples = [sample_of(item) for item in args]
    found = MISSING
    if not any(item is MISSING for item in samples) and not kwargs:
        found = attempt(lambda: data(*samples))
    kind = T.parse(data.schema.returns[0].type.annotation_str) if data.schema.returns else T.NONE
    code = ast.Call(
        name(label), [frame.code(item) for item in args], [ast.keyword(key, frame.code(item)) for key, item in kwargs.items()]
    )
    return frame.temp(sampled(code, found, kind))
