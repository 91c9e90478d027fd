"""Methods of values that are no modules: tensors, lists, dicts, texts, and fixed structures."""

from __future__ import annotations

import ast
from collections import deque
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.calls import IgnoredContext, Spread, evaluate_now
from torchassay.capture.rewrite.dispatch import choose
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.expressions import attempt, sampled
from torchassay.capture.rewrite.subscripts import index_is_tuple, key_text, subscript
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    is_static,
    kind_of,
    sample_of,
    tuple_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Frame


def call_method(frame: Frame, owner: Value, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`owner.label(…)`."""
    if isinstance(owner, Static) and isinstance(owner.data, IgnoredContext):
        return Static(None)
    if isinstance(owner, Static):
        return _static(frame, owner, label, args, kwargs)
    if isinstance(owner, Struct):
        return _struct(frame, owner, label, args, kwargs)
    if not isinstance(owner, Dynamic):
        raise Refused(f"`{label}` of this object is not available in TorchScript")
    if T.is_optional(owner.type):
        owner = Dynamic(T.bare(owner.type), call("torch.jit._unwrap_optional", owner.code), owner.sample, owner.place)
    if T.is_tensor(owner.type):
        from torchassay.capture.rewrite.tensors import tensor_method

        return tensor_method(frame, owner, label, args, kwargs)
    if owner.type.name == "List":
        return _list(frame, owner, label, args, kwargs)
    if owner.type.name == "Dict":
        return _dict(frame, owner, label, args)
    return _native(frame, owner, label, args, kwargs)


def _static(frame: Frame, owner: Static, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(owner.data, Executor):
        return _executor(frame, label, args, kwargs)
    if label in ("append", "extend", "update", "pop", "setdefault", "clear", "insert", "add") and not isinstance(owner.data, str):
        raise Refused("a container outside of the function is changed", "keep it in an attribute of the module")
    if all(is_static(item) for item in (*args, *kwargs.values())):
        return evaluate_now(getattr(owner.data, label), args, kwargs)
    opened = frame.spec.unpack(owner)
    if isinstance(opened, Struct):
        return _struct(frame, opened, label, args, kwargs)
    if isinstance(owner.data, str):
        return _native(frame, Dynamic(T.STR, ast.Constant(owner.data), owner.data), label, args, kwargs)
    raise Refused(f"`{label}` of a `{type(owner.data).__name__}` takes a value known only at run time")


def _executor(frame: Frame, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A pool of threads: what is handed to it is done at once."""
    from torchassay.capture.rewrite.calls import call_value
    from torchassay.capture.rewrite.table import FUNCTIONS

    if label == "submit":
        return Struct(Future, ["result"], [call_value(frame, args[0], args[1:], kwargs)])
    if label == "map":
        return FUNCTIONS[map](frame, args, {})
    if label == "shutdown":
        return Static(None)
    raise Refused(f"`{label}` of a pool of threads is not available in TorchScript", "call the function directly")


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
        from torchassay.capture.rewrite.numeric import product

        return product(frame, [owner], {})
    if isinstance(owner.kind, type):
        return _object_method(frame, owner, label, args, kwargs)
    raise Refused(f"`{label}` of this structure is not available in TorchScript")


def _object_method(frame: Frame, owner: Struct, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    import types as python_types

    if label in ("_asdict", "to_tuple", "keys", "values", "items") and not isinstance(
        vars(owner.kind).get(label), python_types.FunctionType
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
    if isinstance(member, python_types.FunctionType):
        from torchassay.capture.rewrite.calls import call_user

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


def _code_call(frame: Frame, owner: Dynamic, label: str, args: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Attribute(owner.code, label, ast.Load()), args, [])


def _native(frame: Frame, owner: Dynamic, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A method that TorchScript has under the same name: texts, mostly."""
    samples = [sample_of(item) for item in args]
    found = MISSING
    if owner.known and not any(item is MISSING for item in samples):
        found = attempt(lambda: getattr(owner.sample, label)(*samples))
    if owner.type == T.STR and label == "format":
        from torchassay.capture.rewrite.texts import concatenate, formatted

        if isinstance(owner.code, ast.Constant) and not kwargs:
            return _format(frame, str(owner.code.value), args, concatenate, formatted)
        raise Refused("`format` of a text known only at run time")
    if owner.type in T.NUMBERS and label == "is_integer":
        return sampled(ast.Compare(owner.code, [ast.Eq()], [call("float", call("int", owner.code))]), found, T.BOOL)
    if owner.type in T.NUMBERS and label == "item":
        return owner
    code = _code_call(frame, owner, label, [frame.code(item) for item in args])
    return sampled(code, found, None if found is not MISSING else T.UNKNOWN)


def _format(
    frame: Frame, text: str, args: list[Value], concatenate: Callable[..., Value], formatted: Callable[..., Value]
) -> Value:
    import string

    parts: list[Value] = []
    for number, (before, field, spec, _) in enumerate(string.Formatter().parse(text)):
        parts.append(Static(before))
        if field is not None:
            parts.append(formatted(frame, args[int(field) if field else number], spec or ""))
    return concatenate(frame, parts)


def grown(frame: Frame, owner: Dynamic, kind: T.Type) -> None:
    """Lets the type of a container follow what is put in."""
    if kind == owner.type:
        return
    if owner.place is None:
        origin = owner.type.args[0].origin
        if origin is not None and owner.type.args[0] == T.UNKNOWN:
            frame.spec.settle_empty(origin, kind.args[0])
        return
    if owner.place[0] == "state":
        frame.spec.widen_state(owner.place[1], owner.place[2], kind)
        return
    text = owner.place[1]
    known = frame.env.get(text)
    if isinstance(known, Dynamic):
        frame.env[text] = Dynamic(kind, known.code, known.sample, known.place)
    if isinstance(owner.code, ast.Name):
        frame.refine_container(owner.code.id, kind)
        frame.declared[owner.code.id] = kind


def _item_type(owner: Dynamic, value: Value, position: int) -> T.Type:
    known = owner.type.args[position]
    given = kind_of(value)
    present = sample_of(value) is not None and sample_of(value) is not MISSING
    if T.is_optional(given) and present and not T.is_optional(known):
        given = T.bare(given)
    joined = T.join(known, given)
    if joined is None or joined == T.ANY:
        raise Refused("items of different types are put into one container", "give the items one type")
    if known not in (T.UNKNOWN, joined) and not T.is_subtype(joined, known) and not T.is_tensor(known):
        return joined
    return joined if known == T.UNKNOWN or T.is_optional(joined) else known


def _list(frame: Frame, owner: Dynamic, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if any(isinstance(item, Spread) for item in args):
        raise Refused("TorchScript cannot expand `*` here")
    if label in ("append", "insert", "add"):
        return _put(frame, owner, label, args)
    if label == "extend":
        return _extend(frame, owner, args[0])
    if label == "appendleft":
        return _list(frame, owner, "insert", [Static(0), args[0]], kwargs)
    if label == "popleft":
        label, args = "pop", [Static(0)]
    if label == "numel":
        from torchassay.capture.rewrite.numeric import product

        return product(frame, [owner], {})
    if label == "sort" and kwargs:
        return _sort_in_place(frame, owner, kwargs)
    item = owner.type.args[0]
    codes = [frame.code(value) for value in args]
    code = _code_call(frame, owner, label, codes)
    if label in ("clear", "reverse", "sort", "remove"):
        frame.emit(ast.Expr(code))
        return Static(None)
    sample = attempt(lambda: owner.sample[-1]) if owner.known else MISSING
    if label == "pop":
        return frame.temp(Dynamic(item, code, sample))
    if label == "copy":
        return Dynamic(owner.type, code, owner.sample)
    return Dynamic(T.INT, code)


def _sort_in_place(frame: Frame, owner: Dynamic, kwargs: dict[str, Value]) -> Value:
    from torchassay.capture.rewrite.table import FUNCTIONS

    found = frame.temp(FUNCTIONS[sorted](frame, [owner], kwargs))
    frame.emit_code("x.clear()\nx.extend(y)", x=owner.code, y=frame.code(found))
    if isinstance(owner.sample, list) and isinstance(sample_of(found), list):
        owner.sample[:] = sample_of(found)
    return Static(None)


def _put(frame: Frame, owner: Dynamic, label: str, args: list[Value]) -> Value:
    """A new item in a list, or in a list that stands for a set."""
    kind = _item_type(owner, args[-1], 0)
    grown(frame, owner, T.list_of(kind))
    codes = [*(frame.code(item) for item in args[:-1]), frame.code(args[-1], kind)]
    if label == "add":
        frame.emit_code("if v not in x:\n    x.append(v)", v=codes[0], x=owner.code)
    else:
        frame.emit(ast.Expr(_code_call(frame, owner, label, codes)))
        _bound_length(frame, owner, dropped="0" if label == "append" else "-1")
    _mutate(owner, label, args)
    return Static(None)


def _bound_length(frame: Frame, owner: Dynamic, *, dropped: str) -> None:
    """A bounded `deque` drops an item at the other end when it is full."""
    limit = getattr(owner.sample, "maxlen", None)
    if limit is not None:
        frame.emit_code(f"if len(x) > {limit}:\n    x.pop({dropped})", x=owner.code)


def _extend(frame: Frame, owner: Dynamic, values: Value) -> Value:
    from torchassay.capture.rewrite.iteration import Iteration, comprehension_list, items_of, iteration_of

    items = items_of(frame, values)
    if items is not None:
        for item in items:
            from torchassay.capture.rewrite.expressions import refine

            current = owner
            if owner.place is not None and owner.place[0] == "name":
                found = frame.env.get(owner.place[1])
                current = refine(frame, found) if isinstance(found, Dynamic) else owner  # type: ignore[assignment]
            _list(frame, current, "append", [item], {})
        return Static(None)
    if isinstance(values, Iteration) or not (isinstance(values, Dynamic) and values.type.name == "List"):
        values = comprehension_list(frame, iteration_of(frame, values))
    kind = T.join(owner.type, kind_of(values))
    if kind is None:
        raise Refused("items of different types are put into one container", "give the items one type")
    grown(frame, owner, kind)
    frame.emit(ast.Expr(_code_call(frame, owner, "extend", [frame.code(values)])))
    return Static(None)


def _mutate(owner: Dynamic, label: str, args: list[Value]) -> None:
    samples = [sample_of(item) for item in args]
    if isinstance(owner.sample, (list, deque, set)) and not any(item is MISSING for item in samples):
        attempt(lambda: getattr(owner.sample, label)(*samples))


def _dict(frame: Frame, owner: Dynamic, label: str, args: list[Value]) -> Value:
    if label in ("keys", "values", "items"):
        return _views(owner, label)
    if label == "copy":
        return Dynamic(owner.type, _code_call(frame, owner, "copy", []), owner.sample)
    if label == "clear":
        frame.emit(ast.Expr(_code_call(frame, owner, "clear", [])))
        return Static(None)
    if label in ("get", "pop", "setdefault"):
        index = key_text(frame, args[0]) if index_is_tuple(args[0]) else frame.code(args[0])
        return _lookup(frame, owner, label, index, args)
    if label == "most_common":
        pairs = _views(owner, "items")
        from torchassay.capture.rewrite import library

        bound = {"values": frame.once(pairs), "key": Static(library.second)}
        found = frame.spec.specialise(library.ordered_down, bound, frame)
        return subscript(frame, found, Static(slice(sample_of(args[0]) if args else None)))
    if label == "update" and len(args) == 1:
        frame.emit(ast.Expr(_code_call(frame, owner, "update", [frame.code(args[0], owner.type)])))
        return Static(None)
    raise Refused(f"`{label}` of a dict is not available in TorchScript")


def _views(owner: Dynamic, label: str) -> Value:
    key, item = owner.type.args
    kinds = {"keys": key, "values": item, "items": T.tuple_of([key, item])}
    found = MISSING if not owner.known else list(getattr(owner.sample, label)())
    code = call("list", ast.Call(ast.Attribute(owner.code, label, ast.Load()), [], []))
    return Dynamic(T.list_of(kinds[label]), code, found)


def _lookup(frame: Frame, owner: Dynamic, label: str, index: ast.expr, args: list[Value]) -> Value:
    item = owner.type.args[1]
    found = MISSING
    if owner.known and sample_of(args[0]) is not MISSING:
        found = attempt(lambda: owner.sample.get(sample_of(args[0])))
        found = sample_of(args[1]) if found is None and len(args) > 1 else found
    if label == "setdefault":
        key = T.STR if index_is_tuple(args[0]) else kind_of(args[0])
        known = owner.type.args[0]
        item = _item_type(owner, args[1], 1)
        grown(frame, owner, T.dict_of(key if known == T.UNKNOWN else known, item))
    codes = [index, *[frame.code(value, item) for value in args[1:]]]
    kind = item if len(args) > 1 or label == "pop" else T.optional(item)
    value = Dynamic(kind, _code_call(frame, owner, label, codes), found)
    return frame.temp(value) if label != "get" else value


def get_item(frame: Frame, owner: Value, index: Any) -> Value:
    return subscript(frame, owner, Static(index))
