"""Calls of modules: PyTorch's own stay as they are, the user's are specialised, with their hooks."""

from __future__ import annotations

import ast
import copy
import types
import warnings
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_static, call_value
from torchassay.capture.rewrite.functions import call_user, undecorated
from torchassay.capture.rewrite.iteration import items_of
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    kind_of,
    sample_of,
    tuple_value,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

CONTAINERS = (nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
_RETURNS: dict[Any, T.Type | None] = {}


def call_module(frame: Frame, module: nn.Module, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`module(…)`, with its hooks."""
    path = frame.spec.layout.path_of(module, frame.host)
    if path is None:
        raise Refused("a module outside of the calling one is called", "make it a submodule of the module")
    for hook in module._forward_pre_hooks.values():
        args = _before(frame, hook, module, args)
    result = _forward(frame, module, path, args, kwargs)
    for key, hook in module._forward_hooks.items():
        result = _after(frame, module, key, hook, args, kwargs, result)
    return result


def _before(frame: Frame, hook: Any, module: nn.Module, args: list[Value]) -> list[Value]:
    found = call_value(frame, Static(hook), [Static(module), tuple_value(args)], {})
    given = tuple_value(args)
    if isinstance(found, Static) and found.data is None:
        return args
    if T.is_optional(kind_of(found)) and T.bare(kind_of(found)).name != "Tuple":
        given = args[0]  # type: ignore[assignment]
    chosen = _unless_none(frame, found, given)
    items = items_of(frame, chosen)
    return items if items is not None and kind_of(chosen).name == "Tuple" else [chosen]


def _unless_none(frame: Frame, found: Value, fallback: Value) -> Value:
    """What a hook returned, or `fallback` where it returned nothing."""
    if isinstance(found, Static) and found.data is None:
        return fallback
    if not isinstance(found, Dynamic) or not T.is_optional(found.type):
        return found
    held = frame.temp(found)
    assert isinstance(held, Dynamic)
    sample = MISSING if held.sample is None else held.sample
    inner = Dynamic(T.bare(held.type), call("torch.jit._unwrap_optional", held.code), sample)
    chosen = frame.branch(
        ast.Compare(held.code, [ast.Is()], [ast.Constant(None)]),
        lambda: fallback,
        lambda: inner,
        taken=None if not held.known else held.sample is None,
    )
    return fallback if chosen is None else chosen


def _after(
    frame: Frame, module: nn.Module, key: int, hook: Any, args: list[Value], kwargs: dict[str, Value], result: Value
) -> Value:
    held = frame.temp(result)
    given: list[Value] = [Static(module), tuple_value(args)]
    if key in module._forward_hooks_with_kwargs:
        given.append(Struct(dict, list(kwargs), list(kwargs.values())))
    found = call_value(frame, Static(hook), [*given, held], {})
    return _unless_none(frame, found, held)


def _forward(frame: Frame, module: nn.Module, path: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    spec = frame.spec
    canonical = spec.layout.path_of(module) or ""
    if canonical in spec.facts.traced:
        return _leaf(frame, module, canonical, args, kwargs, None)
    mode = leaf_mode(module)
    if mode == "script":
        return _leaf(frame, module, canonical, args, kwargs, returns_of(module))
    if mode == "trace" and _traceable(args, kwargs):
        spec.facts.traced[canonical] = tuple(sample_of(item) for item in args)
        return _leaf(frame, module, canonical, args, kwargs, None)
    forward: Any = module.forward
    saved, counter = frame.snapshot(), spec.counter
    try:
        if isinstance(forward, types.MethodType) and forward.__self__ is module:
            function: Any = undecorated(forward.__func__) or forward.__func__  # type: ignore[arg-type]
            return call_user(frame, function, [Static(module), *args], kwargs)
        return call_static(frame, forward, args, kwargs)
    except Refused:
        if not spec.trace_leaves or not canonical or not _traceable(args, kwargs):
            raise
        frame.rollback(saved)
        spec.counter = counter
        spec.facts.traced[canonical] = tuple(sample_of(item) for item in args)
        return _leaf(frame, module, canonical, args, kwargs, None)


def _traceable(args: list[Value], kwargs: dict[str, Value]) -> bool:
    return (
        bool(args)
        and not kwargs
        and all(T.is_tensor(kind_of(item)) and isinstance(sample_of(item), torch.Tensor) for item in args)
    )


def _leaf(frame: Frame, module: nn.Module, path: str, args: list[Value], kwargs: dict[str, Value], kind: T.Type | None) -> Value:
    """A call of a module that is kept."""
    frame.spec.leaves[path] = "trace" if path in frame.spec.facts.traced else "script"
    samples = [sample_of(item) for item in args]
    named = {key: sample_of(item) for key, item in kwargs.items()}
    found = MISSING
    if not any(item is MISSING for item in (*samples, *named.values())):
        found = attempt(lambda: module(*samples, **named))
    code = ast.Call(
        frame.spec.layout.module_code(module, frame.host),
        [frame.code(item) for item in args],
        [ast.keyword(key, frame.code(item)) for key, item in kwargs.items()],
    )
    if kind is not None and kind.name != "?" and kind != T.TENSOR:
        return frame.temp(Dynamic(kind, code, found))
    return sampled(code, found, T.TENSOR if found is MISSING else None)


def leaf_mode(module: nn.Module) -> str | None:
    """How a module of PyTorch's is kept: scripted, traced, or (None) specialised like the user's."""
    kind = type(module)
    if not kind.__module__.startswith("torch.") or isinstance(module, CONTAINERS) or _is_touched(module):
        return None
    if kind.__module__.startswith("torch.nn.utils.parametrize") or hasattr(module, "parametrizations"):
        return "trace"
    if isinstance(module, (nn.Embedding, nn.EmbeddingBag)) and module.max_norm is not None:
        return "trace"  # the scripted functional skips the renormalisation
    children = list(module.children())
    if isinstance(module, nn.Sequential):
        return "script" if all(leaf_mode(child) == "script" for child in children) else None
    if any(not type(child).__module__.startswith("torch.") for child in module.modules()):
        return None
    return "script" if returns_of(module) is not None else "trace"


def _is_touched(module: nn.Module) -> bool:
    """Whether hooks or an own `forward` make an instance differ from its class."""
    own = any(item._forward_hooks or item._forward_pre_hooks or "forward" in vars(item) for item in module.modules())
    return bool(own)


def returns_of(module: nn.Module) -> T.Type | None:
    """What the scripted module returns; None when it does not script."""
    key: Any = type(module) if not list(module.children()) else id(module)
    if key not in _RETURNS:
        _RETURNS[key] = _script_returns(module)
    return _RETURNS[key]


def _script_returns(module: nn.Module) -> T.Type | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scripted = torch.jit.script(copy.deepcopy(module))
        entries = [name for name in scripted._c._method_names() if name.startswith("forward")]
        method = scripted._c._get_method("forward" if "forward" in entries else min(entries))
        return T.parse(method.schema.returns[0].type.annotation_str)
    except Exception:  # TorchScript raises whatever its frontend meets
        return None
