"""Python's functions of objects: their types, attributes, copies and texts."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.attributes import attribute
from torchassay.capture.rewrite.dispatch import choose
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.stores import store_attribute
from torchassay.capture.rewrite.table import lowers, static_call
from torchassay.capture.rewrite.texts import formatted
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Function,
    Method,
    Static,
    Struct,
    Value,
    call,
    is_static,
    name,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


@lowers(str, repr, format)
def _str(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = static_call(str, args[:1], {}) if len(args) == 1 else None
    spec = str(sample_of(args[1])) if len(args) > 1 else ""
    if found is None and isinstance(args[0], Dynamic) and args[0].type == T.DEVICE:
        return sampled(call("str", args[0].code), attempt(lambda: str(sample_of(args[0]))), T.STR)
    return found if found is not None else formatted(frame, args[0], spec)


@lowers(isinstance)
def _isinstance(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    kinds: Any = sample_of(args[1]) if is_static(args[1]) else MISSING
    value = args[0]
    if isinstance(value, Struct) and isinstance(value.kind, type):
        wanted = kinds if isinstance(kinds, tuple) else (kinds,)
        return Static(any(issubclass(value.kind, kind) for kind in wanted if isinstance(kind, type)))
    if isinstance(value, (Function, Method)):
        return Static(False)
    if isinstance(value, Dynamic) and T.is_optional(value.type):
        inner = _sample_kind(T.bare(value.type), kinds)
        if not inner:
            return Static(False)
        return Dynamic(T.BOOL, ast.Compare(value.code, [ast.IsNot()], [ast.Constant(None)]))
    if isinstance(value, Dynamic) and not value.known:
        return Static(_sample_kind(value.type, kinds))
    return Static(isinstance(sample_of(value), kinds))


def _sample_kind(kind: T.Type, kinds: Any) -> bool:
    stands = {
        "Tensor": torch.Tensor,
        "?": torch.Tensor,
        "int": int,
        "float": float,
        "bool": bool,
        "str": str,
        "List": list,
        "Tuple": tuple,
        "Dict": dict,
    }
    found = stands.get(kind.name)
    return found is not None and issubclass(found, kinds)


@lowers(hasattr)
def _hasattr(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    label = sample_of(args[1])
    if isinstance(args[0], Static) and isinstance(args[0].data, nn.Module):
        path = frame.spec.layout.path_of(args[0].data)
        known = path is not None and frame.spec.state.type_of(path, label) is not None
        if known and not hasattr(args[0].data, label):
            raise Refused(f"`{label}` is created in `forward`", f"set `{label}` to None in `__init__`")
    if isinstance(args[0], Struct):
        return Static(label in args[0].keys or hasattr(args[0].kind, label))
    sample = sample_of(args[0])
    return Static(hasattr(sample if sample is not MISSING else torch.zeros(1), label))


@lowers(getattr)
def _getattr(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[1], Static):
        if len(args) > 2:
            present = _hasattr(frame, args[:2], {})
            return attribute(frame, args[0], args[1].data) if sample_of(present) else args[2]
        return attribute(frame, args[0], args[1].data)
    if isinstance(args[0], Static) and isinstance(args[0].data, nn.Module):
        options = [(label, Static(child)) for label, child in args[0].data.named_children()]
        return choose(frame, options, args[1])
    raise Refused("an attribute is chosen by a text known only at run time", "choose among submodules by `if`")


@lowers(setattr)
def _setattr(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    store_attribute(frame, args[0], str(sample_of(args[1])), args[2], name("self"))
    return Static(None)


@lowers(print, id)
def _nothing(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Static(None)


@lowers(callable)
def _callable(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], (Function, Method)):
        return Static(True)
    return Static(callable(sample_of(args[0])))


@lowers(type)
def _type(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], Struct) and isinstance(args[0].kind, type):
        return Static(args[0].kind)
    sample = sample_of(args[0])
    return Static(type(sample) if sample is not MISSING else torch.Tensor)


@lowers(copy.copy, copy.deepcopy)
def _copy(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if isinstance(value, Dynamic) and T.is_tensor(value.type):
        return sampled(ast.Call(ast.Attribute(value.code, "clone", ast.Load()), [], []), value.sample, T.TENSOR)
    if isinstance(value, Static) and isinstance(value.data, nn.Module):
        raise Refused("a module is copied in `forward`", "copy it in `__init__`")
    if isinstance(value, Static):
        return Static(copy.deepcopy(value.data))
    if isinstance(value, Dynamic) and value.type.name in ("List", "Dict"):
        return Dynamic(value.type, ast.Call(ast.Attribute(value.code, "copy", ast.Load()), [], []), value.sample)
    return value
