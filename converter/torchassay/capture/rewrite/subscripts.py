"""Subscripts: of fixed containers, of structures, and of what exists only at run time."""

from __future__ import annotations

import ast
import collections
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.dispatch import choose, choose_index, dispatch, options_of
from torchassay.capture.rewrite.errors import AlwaysRaises, Refused
from torchassay.capture.rewrite.growing import grown
from torchassay.capture.rewrite.indices import is_whole
from torchassay.capture.rewrite.iteration import Iteration
from torchassay.capture.rewrite.lists import listed
from torchassay.capture.rewrite.protocols import call_protocol
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    expression,
    is_static,
    kind_of,
    literal,
    sample_of,
    unpack,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


def subscript(frame: Frame, owner: Value, index: Value) -> Value:
    """`owner[index]`."""
    if isinstance(owner, Choice):
        return options_of(owner, lambda option: subscript(frame, option, index))
    if isinstance(index, Choice):
        return dispatch(frame, index, lambda option: subscript(frame, owner, option))
    if isinstance(owner, Iteration):
        owner = listed(frame, owner)
    if (found := call_protocol(frame, owner, "getitem", index)) is not None:
        return found
    if isinstance(owner, Static) and not isinstance(owner.data, torch.Tensor):
        return _static(frame, owner, index)
    if isinstance(owner, Struct):
        return _struct(frame, owner, index)
    if isinstance(owner, Static):
        owner = Dynamic(T.TENSOR, frame.spec.layout.constant(owner.data, frame.host), owner.data)
    if not isinstance(owner, Dynamic):
        raise Refused("this object cannot be indexed in TorchScript")
    if T.is_optional(owner.type):
        sample = MISSING if owner.sample is None else owner.sample
        owner = Dynamic(T.bare(owner.type), call("torch.jit._unwrap_optional", owner.code), sample, owner.place)
    return _dynamic(frame, owner, index)


def _static(frame: Frame, owner: Static, index: Value) -> Value:
    data = owner.data
    if isinstance(index, Struct) and index.kind is tuple and is_static(index):
        index = Static(tuple(sample_of(item) for item in index.items))
    if isinstance(index, Static) and not isinstance(index.data, torch.Tensor):
        try:
            return Static(data[index.data])
        except (KeyError, IndexError, TypeError) as error:
            raise AlwaysRaises(f"this lookup always fails: {type(error).__name__}: {error}", type(error)) from error
    if isinstance(data, (nn.ModuleList, nn.Sequential, nn.ParameterList)):
        return choose_index(frame, [Static(item) for item in data], _number(frame, index))
    if isinstance(data, (nn.ModuleDict, nn.ParameterDict)):
        return choose(frame, [(key, Static(item)) for key, item in data.items()], index)
    if isinstance(data, str):
        return _dynamic(frame, Dynamic(T.STR, ast.Constant(data), data), index)
    unpacked = unpack(owner)
    if isinstance(data, (tuple, range)):
        unpacked = Struct(tuple, list(range(len(data))), [Static(item) for item in data])
    if isinstance(unpacked, Struct):
        return _struct(frame, unpacked, index)
    raise Refused(f"a `{type(data).__name__}` is indexed by a value known only at run time", "use a list or a dict")


def _number(frame: Frame, index: Value) -> Value:
    if isinstance(index, (Dynamic, Static)):
        if isinstance(index, Static):
            return Dynamic(T.TENSOR, frame.code(index), index.data)
        return index
    raise Refused("a module container is sliced at run time", "select one module at a time")


def _struct(frame: Frame, owner: Struct, index: Value) -> Value:
    if isinstance(index, Struct) and index.kind is tuple and is_static(index):
        index = Static(tuple(sample_of(item) for item in index.items))
    if owner.kind is dict:
        if isinstance(index, Static):
            found = owner.get(index.data)
            if found is None:
                raise AlwaysRaises(f"there is no key {index.data!r}", KeyError)
            return found
        return choose(frame, list(zip(owner.keys, owner.items, strict=True)), index)
    if isinstance(index, Static) and isinstance(index.data, slice):
        items = owner.items[index.data]
        return Struct(owner.kind if owner.kind in (tuple, list) else tuple, list(range(len(items))), items)
    if isinstance(index, Static) and isinstance(index.data, int):
        if not -len(owner.items) <= index.data < len(owner.items):
            raise AlwaysRaises(f"there is no item {index.data}", IndexError)
        return owner.items[index.data]
    if isinstance(index, Static) and isinstance(index.data, str) and index.data in owner.keys:
        found = owner.get(index.data)
        assert found is not None
        return found
    lowered = frame.container(Struct(list, list(range(len(owner.items))), owner.items))
    if isinstance(index, Struct) and lowered is not None:
        return _dynamic(frame, lowered, index)
    return choose_index(frame, owner.items, index)


def _dynamic(frame: Frame, owner: Dynamic, index: Value) -> Value:
    if T.is_tensor(owner.type):
        return _tensor(frame, owner, index)
    if owner.type.name == "Dict" and isinstance(owner.sample, (collections.defaultdict, collections.Counter)):
        owner, index = _with_default(frame, owner, index)
    held = sample_of(index)
    code = index_code(frame, owner, index)
    sample = MISSING
    if owner.known and held is not MISSING:
        sample = attempt(lambda: owner.sample[_as_index(held)])
    if owner.type.name == "Tuple":
        return _tuple(frame, owner, index, sample)
    found: T.Type | None = None
    if owner.type.name == "List":
        sliced = isinstance(index, Struct) or (isinstance(index, Static) and isinstance(index.data, slice))
        found = owner.type if sliced else owner.type.args[0]
    elif owner.type.name == "Dict":
        found = owner.type.args[1]
    elif owner.type == T.STR:
        found = T.STR
    return sampled(ast.Subscript(owner.code, code, ast.Load()), sample, found)


def _with_default(frame: Frame, owner: Dynamic, index: Value) -> tuple[Dynamic, Value]:
    """A `defaultdict` or `Counter` has an item for every key: a missing one is put in first."""
    index = frame.once(index)
    key = T.STR if index_is_tuple(index) else kind_of(index)
    known, item = owner.type.args
    whole = T.dict_of(key if known == T.UNKNOWN else known, item)
    grown(frame, owner, whole)
    filler = T.default(item)
    if filler is None:
        raise Refused("this `defaultdict` has no counterpart in TorchScript", "use a dict and test for the key")
    code = index_code(frame, owner, index)
    frame.emit_code(f"if k not in x:\n    x[k] = {filler}", k=code, x=owner.code)
    return Dynamic(whole, owner.code, owner.sample, owner.place), index


def _as_index(held: Any) -> Any:
    if isinstance(held, torch.Tensor) and held.ndim == 0:
        return int(held)
    return held


def _tuple(frame: Frame, owner: Dynamic, index: Value, sample: Any) -> Value:
    if isinstance(index, Static) and isinstance(index.data, int):
        code = literal(index.data)
        assert code is not None
        return Dynamic(owner.type.args[index.data], ast.Subscript(owner.code, code, ast.Load()), sample)
    kept = frame.once(owner)
    assert isinstance(kept, Dynamic)
    parts = [
        Dynamic(kind, ast.Subscript(kept.code, ast.Constant(number), ast.Load()), kept.sample[number] if kept.known else MISSING)
        for number, kind in enumerate(owner.type.args)
    ]
    return _struct(frame, Struct(tuple, list(range(len(parts))), list(parts)), index)


def index_code(frame: Frame, owner: Dynamic, index: Value) -> ast.expr:
    if isinstance(index, Struct) and index.kind is slice:
        return _slice(frame, index)
    kind = kind_of(index)
    if isinstance(index, Static) and not isinstance(index.data, torch.Tensor) and kind.name != "Tuple":
        return frame.code(index)
    if T.is_tensor(kind) and owner.type.name in ("List", "Tuple", "str"):
        return call("int", frame.code(index))
    if owner.type.name == "Dict" and index_is_tuple(index):
        return key_text(frame, index)
    return frame.code(index)


def index_is_tuple(index: Value) -> bool:
    return kind_of(index).name == "Tuple"


def key_text(frame: Frame, index: Value) -> ast.expr:
    """A tuple of numbers and texts as one text: TorchScript's dicts have no tuples as keys."""
    parts = index.items if isinstance(index, Struct) else [Static(part) for part in sample_of(index)]
    code: ast.expr = ast.Constant("")
    for part in parts:
        if kind_of(part) not in (T.INT, T.BOOL, T.STR):
            raise Refused("a dict key holds something other than integers and texts", "use integers or texts as keys")
        code = expression("code + str(part) + ','", code=code, part=frame.code(part))
    return code


def _slice(frame: Frame, index: Struct) -> ast.Slice:
    parts: list[ast.expr | None] = []
    for item in index.items:
        if isinstance(item, Static) and item.data is None:
            parts.append(None)
        elif T.is_tensor(kind_of(item)):
            parts.append(call("int", frame.code(item)))
        else:
            parts.append(frame.code(item))
    return ast.Slice(*parts)


def _tensor(frame: Frame, owner: Dynamic, index: Value) -> Value:
    held = sample_of(index)
    sample = MISSING
    if owner.known and held is not MISSING:
        sample = attempt(lambda: owner.sample[held])
    kind = T.ARRAY if owner.type == T.ARRAY else T.TENSOR
    if is_whole(index):
        held_owner = frame.once(owner)
        assert isinstance(held_owner, Dynamic)
        return sampled(expression("x.view_as(x)", x=held_owner.code), sample, kind)
    if isinstance(index, Static) and isinstance(held, slice) and held == slice(None, None, -1):
        return sampled(expression("torch.flip(x, [0])", x=owner.code), sample, kind)
    return sampled(ast.Subscript(owner.code, tensor_index(frame, index), ast.Load()), sample, kind)


def tensor_index(frame: Frame, index: Value) -> ast.expr:
    """The code of an index into a tensor."""
    if isinstance(index, Struct) and index.kind is tuple:
        return ast.Tuple([tensor_index(frame, item) for item in index.items], ast.Load())
    if isinstance(index, Struct) and index.kind is slice:
        return _slice(frame, index)
    if isinstance(index, Struct) and index.kind is list:
        return call("torch.tensor", frame.code(index))
    if isinstance(index, Static) and isinstance(index.data, list):
        return call("torch.tensor", frame.code(index))
    if isinstance(index, Dynamic) and index.type.name == "List":
        return call("torch.tensor", index.code)
    if isinstance(index, Dynamic) and T.is_optional(index.type):
        return call("torch.jit._unwrap_optional", index.code)
    return frame.code(index)
