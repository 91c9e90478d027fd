"""Methods of values that are no modules: tensors, lists, dicts, texts, and fixed structures."""

from __future__ import annotations

import ast
import math
import string
import types
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.autograd import IgnoredContext
from torchassay.capture.rewrite.containers import code_call, dict_method, list_method
from torchassay.capture.rewrite.dispatch import choose
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_method, call_value, calls, owns
from torchassay.capture.rewrite.functions import call_user, evaluate_now
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.table import FUNCTIONS
from torchassay.capture.rewrite.tensors import tensor_method
from torchassay.capture.rewrite.texts import concatenate, formatted
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Method,
    Static,
    Struct,
    Value,
    call,
    is_static,
    sample_of,
    tuple_value,
    unpack,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


@calls(Method)
def _call(frame: Frame, function: Method, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return call_method(frame, function.owner, function.name, args, kwargs)


@owns(Dynamic)
def _dynamic(frame: Frame, owner: Dynamic, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if T.is_optional(owner.type):
        owner = Dynamic(T.bare(owner.type), call("torch.jit._unwrap_optional", owner.code), owner.sample, owner.place)
    if T.is_tensor(owner.type):
        return tensor_method(frame, owner, label, args, kwargs)
    if owner.type.name == "List":
        return list_method(frame, owner, label, args, kwargs)
    if owner.type.name == "Dict":
        return dict_method(frame, owner, label, args)
    return _native(frame, owner, label, args, kwargs)


@owns(Static)
def _static(frame: Frame, owner: Static, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(owner.data, IgnoredContext):
        return Static(None)
    if isinstance(owner.data, Executor):
        return _executor(frame, label, args, kwargs)
    if label in ("append", "extend", "update", "pop", "setdefault", "clear", "insert", "add") and not isinstance(owner.data, str):
        raise Refused("a container outside of the function is changed", "keep it in an attribute of the module")
    if all(is_static(item) for item in (*args, *kwargs.values())):
        return evaluate_now(getattr(owner.data, label), args, kwargs)
    opened = unpack(owner)
    if isinstance(opened, Struct):
        return _struct(frame, opened, label, args, kwargs)
    if isinstance(owner.data, str):
        return _native(frame, Dynamic(T.STR, ast.Constant(owner.data), owner.data), label, args, kwargs)
    raise Refused(f"`{label}` of a `{type(owner.data).__name__}` takes a value known only at run time")


def _executor(frame: Frame, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A pool of threads: what is handed to it is done at once."""
    if label == "submit":
        return Struct(Future, ["_value"], [call_value(frame, args[0], args[1:], kwargs)])
    if label == "map":
        return FUNCTIONS[map](frame, args, {})
    if label == "shutdown":
        return Static(None)
    raise Refused(f"`{label}` of a pool of threads is not available in TorchScript", "call the function directly")


@owns(Struct)
def _struct(frame: Frame, owner: Struct, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if owner.kind is dict:
        return _fixed_dict(frame, owner, label, args, kwargs)
    if owner.kind in (list, tuple) and label == "copy":
        return Struct(owner.kind, list(owner.keys), list(owner.items))
    if owner.kind in (list, tuple) and label in ("index", "count") and is_static(owner) and is_static(args[0]):
        return Static(getattr(list(sample_of(owner)), label)(sample_of(args[0])))
    if owner.kind in (list, tuple):
        lowered = frame.container(Struct(list, list(owner.keys), list(owner.items)))
        if lowered is not None:
            return call_method(frame, lowered, label, args, kwargs)
    if label == "numel" and owner.kind is tuple:
        return FUNCTIONS[math.prod](frame, [owner], {})
    if isinstance(owner.kind, type):
        return _object_method(frame, owner, label, args, kwargs)
    raise Refused(f"`{label}` of this structure is not available in TorchScript")


def _object_method(frame: Frame, owner: Struct, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if label in ("_asdict", "to_tuple", "keys", "values", "items") and not isinstance(
        vars(owner.kind).get(label), types.FunctionType
    ):
        fields = Struct(dict, list(owner.keys), list(owner.items))
        if label == "_asdict":
            return fields
        if label == "to_tuple":
            return tuple_value(list(owner.items))
        return _fixed_dict(frame, fields, label, args, kwargs)
    if owner.kind is Future and label == "result":
        return owner.items[0]
    if label == "_replace":
        items = [kwargs.get(key, item) for key, item in zip(owner.keys, owner.items, strict=True)]
        return Struct(owner.kind, list(owner.keys), items)
    member = getattr(owner.kind, label, None)
    if isinstance(member, types.FunctionType):
        return call_user(frame, member, [owner, *args], kwargs)
    raise Refused(f"`{label}` of a `{getattr(owner.kind, '__name__', owner.kind)}` is not available in TorchScript")


def _fixed_dict(frame: Frame, owner: Struct, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if label == "keys":
        return tuple_value([Static(key) for key in owner.keys])
    if label == "values":
        return tuple_value(list(owner.items))
    if label == "items":
        return tuple_value([tuple_value([Static(key), item]) for key, item in zip(owner.keys, owner.items, strict=True)])
    if label == "copy":
        return Struct(dict, list(owner.keys), list(owner.items))
    if label in ("get", "pop") and args:
        default = args[1] if len(args) > 1 else Static(None)
        if is_static(args[0]):
            found = owner.get(sample_of(args[0]))
            return default if found is None else found
        return choose(frame, list(zip(owner.keys, owner.items, strict=True)), args[0], default=default)
    lowered = frame.container(owner)
    if lowered is None:
        raise Refused(f"`{label}` of a dict with values of different types", "give its values one type")
    return call_method(frame, lowered, label, args, kwargs)


def _native(frame: Frame, owner: Dynamic, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A method that TorchScript has under the same name: texts, mostly."""
    samples = [sample_of(item) for item in args]
    found = MISSING
    if owner.known and not any(item is MISSING for item in samples):
        found = attempt(lambda: getattr(owner.sample, label)(*samples))
    if owner.type == T.STR and label == "format":
        if isinstance(owner.code, ast.Constant) and not kwargs:
            return _format(frame, str(owner.code.value), args)
        raise Refused("`format` of a text known only at run time")
    if owner.type in T.NUMBERS and label == "is_integer":
        return sampled(ast.Compare(owner.code, [ast.Eq()], [call("float", call("int", owner.code))]), found, T.BOOL)
    if owner.type in T.NUMBERS and label == "item":
        return owner
    code = code_call(frame, owner, label, [frame.code(item) for item in args])
    return sampled(code, found, None if found is not MISSING else T.UNKNOWN)


def _format(frame: Frame, text: str, args: list[Value]) -> Value:
    parts: list[Value] = []
    for number, (before, field, spec, _) in enumerate(string.Formatter().parse(text)):
        parts.append(Static(before))
        if field is not None:
            parts.append(formatted(frame, args[int(field) if field else number], spec or ""))
    return concatenate(frame, parts)
