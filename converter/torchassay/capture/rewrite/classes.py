"""Objects made in `forward`: containers and plain records are structures, others must be fixed."""

from __future__ import annotations

import ast
import collections
import dataclasses
import enum
import inspect
from typing import TYPE_CHECKING

import torch
from torch import nn

from torchassay.capture.rewrite import library
from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.dispatch import choose_object
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.functions import evaluate_now
from torchassay.capture.rewrite.iteration import items_of, iteration_of
from torchassay.capture.rewrite.lists import comprehension_list, listed
from torchassay.capture.rewrite.making import call_torch_class
from torchassay.capture.rewrite.passing import expanded
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.sets import in_order, set_of
from torchassay.capture.rewrite.table import FUNCTIONS, static_call
from torchassay.capture.rewrite.values import Dynamic, Static, Struct, Value, call, expression, is_static, sample_of, unpack

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def call_class(frame: Frame, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """An object is made: containers and plain records are structures, others must be fixed."""
    if kind in (list, tuple, collections.deque, torch.Size):
        return _sequence_of(frame, kind, args, kwargs)
    if kind is slice and not all(isinstance(item, Static) for item in args):
        return _slice_of(args)
    if kind in (dict, collections.OrderedDict):
        return _dict_of(frame, args, kwargs)
    if kind in (set, frozenset):
        return _set_of(frame, args)
    if kind is collections.defaultdict:
        return _default_dict(frame, args)
    if kind is collections.Counter and len(args) == 1 and not is_static(args[0]):
        return _counter(frame, args[0])
    record = _record(frame, kind, args, kwargs)
    if record is not None:
        return record
    found = call_torch_class(frame, kind, args, kwargs)
    if found is not None:
        return found
    if all(is_static(item) for item in (*args, *kwargs.values())) and not issubclass(kind, nn.Module):
        return evaluate_now(kind, args, kwargs)
    raise Refused(f"a `{kind.__name__}` is made in `forward`", "make it in `__init__`")


def _member(frame: Frame, kind: type[enum.Enum], value: Value) -> Value:
    """`Color(code)`: the member of which `code`, known only at run time, is the value."""
    if kind._missing_.__func__ is not enum.Enum._missing_.__func__:  # type: ignore[attr-defined]
        raise Refused(f"`{kind.__name__}` makes members of its own in `_missing_`", "make them in `__init__`")
    return choose_object(frame, [(member.value, Static(member)) for member in kind], value)


def _sequence_of(frame: Frame, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if kind is collections.deque and ("maxlen" in kwargs or len(args) > 1):
        return _bounded(frame, args, kwargs)
    form = tuple if kind in (tuple, torch.Size) else list
    if not args:
        return Struct(form, [], [])
    items = items_of(frame, args[0])
    if items is not None:
        return Struct(form, list(range(len(items))), items)
    value = listed(frame, args[0])
    if isinstance(value, Dynamic) and value.type.name == "Dict":
        return comprehension_list(frame, iteration_of(frame, value))
    if isinstance(value, Dynamic) and T.is_tensor(value.type):
        return sampled(call("torch.unbind", value.code), attempt(lambda: list(value.sample)), T.list_of(T.TENSOR))
    if isinstance(value, Dynamic) and value.type.name == "List":
        ordered = in_order(frame, value)
        if form is tuple or ordered is not value:
            return ordered
        return Dynamic(value.type, expression("x[:]", x=value.code), value.sample)
    if isinstance(value, Dynamic) and value.type == T.STR:
        return Dynamic(T.list_of(T.STR), call("list", value.code), attempt(lambda: list(value.sample)))
    return value


def _slice_of(args: list[Value]) -> Value:
    parts = [Static(None), *args] if len(args) == 1 else args
    return Struct(slice, ["start", "stop", "step"], [*parts, Static(None)][:3])


def _bounded(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """An empty `deque` with `maxlen`: a list whose sample knows its bound."""
    limit = sample_of(kwargs["maxlen"] if "maxlen" in kwargs else args[1])
    items = items_of(frame, args[0]) if args else []
    if items or items is None or not isinstance(limit, int):
        raise Refused("a bounded `deque` with items is made in `forward`", "use a list and drop its first item")
    origin = (frame.file, frame.line, -1)
    kind = frame.spec.facts.empty.get(origin, T.Type("?", origin=origin))
    return Dynamic(T.list_of(kind), ast.List([], ast.Load()), collections.deque(maxlen=limit))


def _set_of(frame: Frame, args: list[Value]) -> Value:
    if not args:
        return Dynamic(T.list_of(T.UNKNOWN), ast.List([], ast.Load()), set())
    found = static_call(set, args, {})
    return found if found is not None else set_of(frame, listed(frame, args[0]))


def _dict_of(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    keys, items = list(kwargs), list(kwargs.values())
    if args:
        base = unpack(args[0]) if isinstance(args[0], Static) else args[0]
        if isinstance(base, Struct) and base.kind is dict:
            merged = {**dict(zip(base.keys, base.items, strict=True)), **kwargs}
            return Struct(dict, list(merged), list(merged.values()))
        if isinstance(base, Dynamic) and base.type.name == "Dict" and not kwargs:
            return Dynamic(base.type, ast.Call(ast.Attribute(base.code, "copy", ast.Load()), [], []), base.sample)
        rows = items_of(frame, listed(frame, args[0]))
        pairs = [items_of(frame, row) for row in rows or []]
        if rows is None or any(pair is None or len(pair) != 2 or not is_static(pair[0]) for pair in pairs):
            raise Refused("a dict is made from keys known only at run time", "fill it in a loop")
        keys = [sample_of(pair[0]) for pair in pairs if pair] + keys
        items = [pair[1] for pair in pairs if pair] + items
    return Struct(dict, keys, items)


def _default_dict(frame: Frame, args: list[Value]) -> Value:
    """A `defaultdict`: a dict whose sample knows what a missing key gets."""
    factory = args[0] if args else Static(None)
    if len(args) > 1 or not (isinstance(factory, Static) and factory.data in (list, int, float, bool, str)):
        raise Refused("this `defaultdict` has no counterpart in TorchScript", "use a dict and test for the key")
    kind = T.type_of(factory.data())
    if factory.data is list:
        origin = (frame.file, frame.line, -1)
        kind = T.list_of(frame.spec.facts.empty.get(origin, T.Type("?", origin=origin)))
    return Dynamic(T.dict_of(T.UNKNOWN, kind), ast.Dict([], []), collections.defaultdict(factory.data))


def _counter(frame: Frame, values: Value) -> Value:
    value = listed(frame, values)
    if isinstance(value, Struct):
        value = frame.container(Struct(list, list(range(len(value.items))), value.items)) or value
    if not isinstance(value, Dynamic) or value.type not in (T.list_of(T.INT), T.list_of(T.STR)):
        raise Refused("a `Counter` of something other than integers and texts", "use `torch.unique` with `return_counts`")
    found = frame.spec.specialise(library.counted, {"values": frame.once(value)}, frame)
    assert isinstance(found, Dynamic)
    return Dynamic(found.type, found.code, collections.Counter(value.sample) if value.known else collections.Counter())


def _record(frame: Frame, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A named tuple, a data class, an enumeration member, or a mapping class with fields, as `transformers` returns them."""
    if all(is_static(item) for item in (*args, *kwargs.values())) and not T.is_named(kind):
        return None
    if issubclass(kind, enum.Enum) and len(args) == 1:
        return _member(frame, kind, args[0])
    if T.is_named(kind):
        args = expanded(frame, args, len(kind._fields) - len(kwargs))  # type: ignore[attr-defined]
        signature = inspect.signature(kind)
        bound = signature.bind(*args, **kwargs)
        fields = list(kind._fields)  # type: ignore[attr-defined]
        defaults = getattr(kind, "_field_defaults", {})
        return Struct(kind, fields, [bound.arguments.get(f, Static(defaults.get(f))) for f in fields])
    if dataclasses.is_dataclass(kind):
        return _data_class(frame, kind, args, kwargs)
    return None


def _data_class(frame: Frame, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    fields = dataclasses.fields(kind)
    required = [field for field in fields if field.init and field.default is field.default_factory is dataclasses.MISSING]
    args = expanded(frame, args, max(len(args), len([field for field in required if field.name not in kwargs])))
    given = dict(zip([field.name for field in fields], args, strict=False)) | kwargs
    items: list[Value] = []
    for field in fields:
        if field.name in given:
            items.append(given[field.name])
        elif field.default is not dataclasses.MISSING:
            items.append(Static(field.default))
        elif field.default_factory is not dataclasses.MISSING:
            items.append(Static(field.default_factory()))
        else:
            raise Refused(f"a `{kind.__name__}` is made without `{field.name}`")
    if issubclass(kind, collections.OrderedDict):
        present = [
            (f.name, item) for f, item in zip(fields, items, strict=True) if not (isinstance(item, Static) and item.data is None)
        ]
        return Struct(kind, [key for key, _ in present], [item for _, item in present])
    return Struct(kind, [field.name for field in fields], items)


FUNCTIONS[list] = lambda frame, args, kwargs: _sequence_of(frame, list, args, kwargs)
