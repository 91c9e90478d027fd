"""Assignments to attributes and items: the state that a module keeps, and containers that grow."""

from __future__ import annotations

import ast
import collections
import inspect
import types
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.rewrite import library
from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.autograd import IgnoredContext
from torchassay.capture.rewrite.cells import class_key
from torchassay.capture.rewrite.dispatch import dispatch
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate
from torchassay.capture.rewrite.functions import call_user
from torchassay.capture.rewrite.growing import grown, item_type
from torchassay.capture.rewrite.homes import settle
from torchassay.capture.rewrite.indices import is_whole, with_item
from torchassay.capture.rewrite.operators import binary
from torchassay.capture.rewrite.samples import attempt
from torchassay.capture.rewrite.selections import is_selection, store_selection
from torchassay.capture.rewrite.subscripts import index_code, index_is_tuple, subscript, tensor_index
from torchassay.capture.rewrite.table import FUNCTIONS
from torchassay.capture.rewrite.values import MISSING, Choice, Dynamic, Static, Struct, Value, kind_of, sample_of

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


CONTAINERS = (list, dict, set, collections.deque)


def store_attribute(frame: Frame, owner: Value, label: str, value: Value, target: ast.expr) -> None:
    """`owner.label = value`."""
    if isinstance(owner, Static) and isinstance(owner.data, IgnoredContext):
        return
    if isinstance(owner, Static) and isinstance(owner.data, nn.Module):
        if not _call_setter(frame, owner, label, value):
            _store_state(frame, owner.data, label, value)
        return
    if isinstance(owner, Static) and isinstance(owner.data, type) and label in vars(owner.data):
        _store_state(frame, *frame.spec.cells.change_class(frame, ("class", owner.data, label)), value)
        return
    if isinstance(owner, Static) and (place := settle(frame, owner.data, label)) is not None:
        _store_state(frame, *place, value)
        return
    if isinstance(owner, Struct) and isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        items = [value if key == label else item for key, item in zip(owner.keys, owner.items, strict=True)]
        keys = list(owner.keys)
        if label not in keys:
            keys, items = [*keys, label], [*items, value]
        frame.bind(target.value.id, Struct(owner.kind, keys, items))
        return
    if isinstance(owner, Dynamic) and label == "requires_grad":
        return
    if isinstance(owner, Dynamic) and label == "data":
        raise Refused("the data of a tensor is replaced", "use `copy_`, or a new tensor")
    raise Refused(f"attribute `{label}` of an object that is no module is set", "keep it in an attribute of the module")


def _call_setter(frame: Frame, owner: Static, label: str, value: Value) -> bool:
    """`owner.label = value` where the class of a module has a property with a setter."""
    member = inspect.getattr_static(type(owner.data), label, None)
    if not isinstance(member, property) or not isinstance(member.fset, types.FunctionType):
        return False
    call_user(frame, member.fset, [owner, value], {})
    return True


def _store_state(frame: Frame, module: nn.Module, label: str, value: Value) -> None:
    path = frame.spec.layout.path_of(module)
    if path is None or frame.spec.layout.path_of(module, frame.host) is None:
        raise Refused("an attribute of a module outside of the calling one is set", "set it in that module")
    if is_selection(frame, path, label, value):
        store_selection(frame, module, path, label, value)
        return
    kind = kind_of(value)
    if kind == T.UNKNOWN and isinstance(value, Dynamic):
        kind = T.TENSOR
    if isinstance(value, (Static, Struct)) and frame.lower(value) is None and not _tensor_like(value):
        raise Refused(f"attribute `{label}` is set to something that TorchScript cannot hold", "keep numbers and tensors")
    whole = frame.spec.state.widen(path, label, _stored(kind))
    code = ast.Attribute(frame.spec.layout.module_code(module, frame.host), label, ast.Store())
    frame.emit(ast.Assign([code], frame.code(value, whole)))
    frame.refined[("state", path, label)] = T.NONE if kind == T.NONE else T.bare(whole)
    sample = sample_of(value)
    if sample is not MISSING:
        attempt(lambda: _set(module, label, sample))


def _tensor_like(value: Value) -> bool:
    return isinstance(value, Static) and isinstance(value.data, torch.Tensor)


def _stored(kind: T.Type) -> T.Type:
    return T.TENSOR if kind == T.ARRAY else kind


def _set(module: nn.Module, label: str, sample: Any) -> None:
    if label in module._buffers and isinstance(sample, torch.Tensor):
        module._buffers[label] = sample
    else:
        setattr(module, label, sample)


def store_item(frame: Frame, target: ast.Subscript, value: Value) -> None:
    """`owner[index] = value`."""
    owner = container_of(frame, target)
    index = evaluate(frame, target.slice)
    if isinstance(owner, Choice) and isinstance(target.value, ast.Name) and isinstance(index, Static):
        changed = with_item(owner, int(index.data), value)
        if changed is not None:
            frame.bind(target.value.id, changed)
            return
    if isinstance(index, Choice):
        dispatch(frame, index, lambda option: _stored_at(frame, target, owner, option, value))
        return
    _store_at(frame, target, owner, index, value)


def _stored_at(frame: Frame, target: ast.Subscript, owner: Value, index: Value, value: Value) -> Value:
    _store_at(frame, target, owner, index, value)
    return Static(None)


def _store_at(frame: Frame, target: ast.Subscript, owner: Value, index: Value, value: Value) -> None:
    if isinstance(owner, Struct):
        _store_in_struct(frame, target, owner, index, value)
        return
    if isinstance(owner, Static) and isinstance(owner.data, torch.Tensor):
        owner = Dynamic(T.TENSOR, frame.code(owner), owner.data)
    if not isinstance(owner, Dynamic):
        raise Refused("an item of an object outside of the function is set", "keep it in an attribute of the module")
    if T.is_tensor(owner.type):
        _store_in_tensor(frame, owner, index, value)
    elif owner.type.name == "Dict":
        _store_in_dict(frame, owner, index, value)
    elif (ends := slice_ends(frame, owner, index)) is not None:
        frame.effect(frame.spec.specialise(library.put_in, {"values": owner, **ends, "items": value}, frame))
    else:
        kind = item_type(owner, value, 0)
        grown(frame, owner, T.list_of(kind))
        code = ast.Subscript(owner.code, index_code(frame, owner, index), ast.Store())
        frame.emit(ast.Assign([code], frame.code(value, kind)))


def container_of(frame: Frame, target: ast.Subscript) -> Value:
    """The container; an attribute that is a fixed one so far becomes state."""
    owner = evaluate(frame, target.value)
    mutable = isinstance(owner, Static) and isinstance(owner.data, (list, dict))
    if mutable and isinstance(target.value, ast.Attribute):
        make_state(frame, target.value, owner)
    elif mutable and isinstance(target.value, ast.Name) and target.value.id not in frame.env:
        make_shared(frame, target.value.id, owner)
    return owner


def slice_ends(frame: Frame, owner: Value, index: Value) -> dict[str, Value] | None:
    """The ends of a slice of a list that exists at run time; None for any other index or owner."""
    if isinstance(index, Static) and isinstance(index.data, slice):
        parts: list[Value] = [Static(index.data.start), Static(index.data.stop), Static(index.data.step)]
    elif isinstance(index, Struct) and index.kind is slice:
        parts = [*index.items, Static(None)][:3]
    else:
        return None
    if not isinstance(owner, Dynamic) or owner.type.name != "List":
        return None
    if sample_of(parts[2]) not in (None, 1):
        raise Refused("a slice with a step is changed in a list", "change the items one by one")
    start = Static(0) if sample_of(parts[0]) is None else parts[0]
    stop = FUNCTIONS[len](frame, [owner], {}) if sample_of(parts[1]) is None else parts[1]
    return {"start": start, "stop": stop}


def make_shared(frame: Frame, text: str, owner: Value) -> None:
    """Registers a container outside of the function as one that changes."""
    cell, label = frame.spec.cells.change_content(frame, text)
    frame.spec.state.widen(str(frame.spec.layout.path_of(cell)), label, kind_of(owner))


def make_state(frame: Frame, node: ast.Attribute, owner: Value) -> None:
    """Registers the attribute that holds a container as one that changes."""
    holder = evaluate(frame, node.value)
    if not isinstance(holder, Static):
        return
    module, label = _keeper(frame, holder.data, node.attr) or (None, "")
    path = None if module is None else frame.spec.layout.path_of(module)
    if path is not None:
        frame.spec.state.widen(path, label, kind_of(owner))


def _keeper(frame: Frame, data: Any, label: str) -> tuple[nn.Module, str] | None:
    """The module and attribute that hold a container."""
    if (key := class_key(data, label)) is not None:
        return frame.spec.cells.change_class(frame, key)
    return (data, label) if isinstance(data, nn.Module) else settle(frame, data, label)


def _store_in_struct(frame: Frame, target: ast.Subscript, owner: Struct, index: Value, value: Value) -> None:
    if not isinstance(target.value, ast.Name) or not isinstance(index, Static):
        raise Refused("an item of a nested structure is set", "assign the whole structure")
    keys, items = list(owner.keys), list(owner.items)
    key = index.data if owner.kind is dict or not isinstance(index.data, int) else index.data % len(keys)
    if key in keys:
        items[keys.index(key)] = value
    else:
        keys, items = [*keys, key], [*items, value]
    frame.bind(target.value.id, Struct(owner.kind, keys, items))


def _store_in_tensor(frame: Frame, owner: Dynamic, index: Value, value: Value) -> None:
    if is_whole(index):
        method = "copy_" if T.is_tensor(kind_of(value)) else "fill_"
        frame.emit_code(f"x.{method}(v)", x=owner.code, v=frame.code(value))
    else:
        code = ast.Subscript(owner.code, tensor_index(frame, index), ast.Store())
        frame.emit(ast.Assign([code], frame.code(value)))
    held, sample = sample_of(index), sample_of(value)
    if owner.known and held is not MISSING and sample is not MISSING:
        attempt(lambda: owner.sample.__setitem__(held, sample))


def _store_in_dict(frame: Frame, owner: Dynamic, index: Value, value: Value) -> None:
    key_kind = T.STR if index_is_tuple(index) else kind_of(index)
    known = owner.type.args[0]
    key = T.join(T.UNKNOWN if known.name == "Tuple" else known, key_kind) or key_kind
    grown(frame, owner, T.dict_of(key, item_type(owner, value, 1)))
    code = ast.Subscript(owner.code, index_code(frame, owner, index), ast.Store())
    frame.emit(ast.Assign([code], frame.code(value, item_type(owner, value, 1))))
    held, sample = sample_of(index), sample_of(value)
    if isinstance(owner.sample, dict) and held is not MISSING and sample is not MISSING:
        attempt(lambda: owner.sample.__setitem__(held, sample))


def _change_tensor(frame: Frame, op: ast.operator, owner: Dynamic, index: Value, change: Value) -> Value:
    """`owner[index] op= change` for a tensor."""
    if isinstance(index, Choice):
        return dispatch(frame, index, lambda option: _change_tensor(frame, op, owner, option, change))
    if is_whole(index):
        index = Static(slice(None))
    code = ast.Subscript(owner.code, tensor_index(frame, index), ast.Store())
    frame.emit(ast.AugAssign(code, op, frame.code(change)))
    return Static(None)


def change_item(frame: Frame, node: ast.AugAssign, change: Value) -> None:
    """`owner[index] op= change`."""
    assert isinstance(node.target, ast.Subscript)
    owner = container_of(frame, node.target)
    if isinstance(owner, Dynamic) and T.is_tensor(owner.type):
        _change_tensor(frame, node.op, owner, evaluate(frame, node.target.slice), change)
        return
    current = subscript(frame, owner, evaluate(frame, node.target.slice))
    store_item(frame, node.target, binary(frame, node.op, current, change))
