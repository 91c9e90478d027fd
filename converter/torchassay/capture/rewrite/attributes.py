"""Attribute access: on modules, configuration objects, tensors, and structures."""

from __future__ import annotations

import ast
import inspect
import types
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.cells import class_key
from torchassay.capture.rewrite.dispatch import options_of
from torchassay.capture.rewrite.errors import AlwaysRaises, Refused
from torchassay.capture.rewrite.homes import held, is_changed
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.selections import read_selection
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Function,
    Method,
    Static,
    Struct,
    Super,
    Value,
    call,
    expression,
    literal,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

RENAMED = {"data": "x.detach()", "itemsize": "x.element_size()", "nbytes": "x.numel() * x.element_size()"}
TENSOR_FIELDS = frozenset(
    [
        "shape",
        "dtype",
        "device",
        "ndim",
        "T",
        "mT",
        "H",
        "mH",
        "real",
        "imag",
        "is_cuda",
        "is_cpu",
        "is_sparse",
        "requires_grad",
        "layout",
        "is_quantized",
        "is_meta",
        "grad",
        "is_leaf",
        "is_mkldnn",
    ]
)
FIELD_TYPES = {
    "shape": T.list_of(T.INT),
    "dtype": T.DTYPE,
    "device": T.DEVICE,
    "ndim": T.INT,
    "is_cuda": T.BOOL,
    "is_cpu": T.BOOL,
    "is_sparse": T.BOOL,
    "requires_grad": T.BOOL,
    "layout": T.LAYOUT,
    "is_quantized": T.BOOL,
    "itemsize": T.INT,
    "nbytes": T.INT,
    "is_meta": T.BOOL,
}


def attribute(frame: Frame, owner: Value, label: str) -> Value:
    """`owner.label`."""
    if isinstance(owner, Static):
        return static_attribute(frame, owner.data, label)
    if isinstance(owner, Dynamic):
        return _dynamic(frame, owner, label)
    if isinstance(owner, Struct):
        return _struct(frame, owner, label)
    if isinstance(owner, Choice):
        return options_of(owner, lambda option: attribute(frame, option, label))
    if isinstance(owner, Super):
        return _super(owner, label)
    if isinstance(owner, Function) and label == "__name__":
        return Static(getattr(owner.node, "name", "<lambda>"))
    raise Refused(f"attribute `{label}` of this object is not available in TorchScript", "use a plain value")


def static_attribute(frame: Frame, data: Any, label: str) -> Value:
    """An attribute of an object that is fixed."""
    if isinstance(data, nn.Module):
        return _module(frame, data, label)
    if isinstance(data, torch.Tensor):
        return _dynamic(frame, Dynamic(T.TENSOR, frame.spec.layout.constant(data, frame.host), data), label)
    if (place := held(frame, data, label) or _class_place(frame, data, label)) is not None:
        return _module(frame, *place)
    member = inspect.getattr_static(type(data), label, None)
    if isinstance(member, property) and isinstance(member.fget, types.FunctionType):
        if is_changed(frame, data):
            return frame.spec.specialise(member.fget, {_first(member.fget): Static(data)}, frame)
        found = attempt(lambda: getattr(data, label))
        if found is not MISSING:
            return Static(found)
    try:
        return Static(getattr(data, label))
    except AttributeError as error:
        kind = type(data).__name__
        raise AlwaysRaises(f"`{kind}` has no attribute `{label}`", AttributeError, "set it in `__init__`") from error


def _class_place(frame: Frame, data: Any, label: str) -> tuple[nn.Module, str] | None:
    """Where an attribute that a class holds for all its instances is kept, if it changes."""
    return frame.spec.cells.place(frame, class_key(data, label)) if frame.spec.facts.cells else None


def _module(frame: Frame, module: nn.Module, label: str) -> Value:
    path = frame.spec.layout.path_of(module, frame.host)
    canonical = frame.spec.layout.path_of(module)
    if path is None or canonical is None:
        return Static(getattr(module, label))
    selected = read_selection(frame, module, canonical, label)
    if selected is not None:
        return selected
    kind = frame.spec.state.type_of(canonical, label)
    if kind is not None:
        return _state(frame, module, canonical, label, kind)
    if (place := _class_place(frame, module, label)) is not None:
        return _module(frame, *place)
    if label in module._modules:
        return Static(module._modules[label])
    for table in (module._parameters, module._buffers):
        if label in table:
            tensor = table[label]
            return Static(None) if tensor is None else Dynamic(T.TENSOR, frame.spec.layout.constant(tensor, frame.host), tensor)
    member = inspect.getattr_static(type(module), label, None)
    if isinstance(member, property) and isinstance(member.fget, types.FunctionType):
        return frame.spec.specialise(member.fget, {_first(member.fget): Static(module)}, frame, host=path)
    try:
        return Static(getattr(module, label))
    except AttributeError as error:
        kind_name = type(module).__name__
        advice = f"set `{label}` in `__init__`"
        raise AlwaysRaises(f"`{kind_name}` has no attribute `{label}`", AttributeError, advice) from error


def _first(function: types.FunctionType) -> str:
    return function.__code__.co_varnames[0]


def _state(frame: Frame, module: nn.Module, path: str, label: str, kind: T.Type) -> Value:
    place = ("state", path, label)
    code = ast.Attribute(frame.spec.layout.module_code(module, frame.host), label, ast.Load())
    sample = getattr(module, label, MISSING)
    return frame.refine(Dynamic(kind, code, sample, place))


def _super(owner: Super, label: str) -> Value:
    data = owner.instance.data if isinstance(owner.instance, Static) else None
    mro = type(data).__mro__
    for kind in mro[mro.index(owner.owner) + 1 :]:
        if label in vars(kind):
            member = vars(kind)[label]
            if isinstance(member, types.FunctionType):
                return Static(types.MethodType(member, data))
            return Static(member.__get__(data, type(data)) if hasattr(member, "__get__") else member)
    raise Refused(f"no base class has `{label}`")


def _dynamic(frame: Frame, owner: Dynamic, label: str) -> Value:
    if T.is_optional(owner.type):
        unwrapped = call("torch.jit._unwrap_optional", owner.code)
        sample = MISSING if owner.sample is None else owner.sample
        owner = Dynamic(T.bare(owner.type), unwrapped, sample, owner.place)
    if T.is_tensor(owner.type):
        return _tensor(frame, owner, label)
    if owner.type.name == "Tuple":
        return _tuple_field(frame, owner, label)
    if owner.type == T.DEVICE and label in ("type", "index"):
        return sampled(
            ast.Attribute(owner.code, label, ast.Load()),
            attempt(lambda: getattr(owner.sample, label)),
            T.STR if label == "type" else T.optional(T.INT),
        )
    if owner.type == T.DTYPE and label in ("is_floating_point", "is_complex", "itemsize"):
        frame.spec.helpers.add(f"_dtype_{label}")
        found = MISSING if not owner.known else attempt(lambda: getattr(owner.sample, label))
        return sampled(call(f"_dtype_{label}", owner.code), found, T.INT if label == "itemsize" else T.BOOL)
    if owner.type == T.COMPLEX and label in ("real", "imag"):
        found = MISSING if not owner.known else getattr(owner.sample, label)
        code = call("float", call(f"torch.{label}", call("torch.tensor", owner.code)))
        return Dynamic(T.FLOAT, code, found)
    if owner.type in T.NUMBERS and label == "real":
        return owner
    return Method(owner, label)


def _tensor(frame: Frame, owner: Dynamic, label: str) -> Value:
    if label == "grad":
        raise Refused("a gradient is read in `forward`", "keep gradients out of the model that is deployed")
    found = MISSING if not owner.known else attempt(lambda: getattr(owner.sample, label))
    if label in RENAMED:
        held = frame.once(owner)
        assert isinstance(held, Dynamic)
        return sampled(expression(RENAMED[label], x=held.code), found, FIELD_TYPES.get(label, T.TENSOR))
    if label in TENSOR_FIELDS:
        if label == "H" and owner.type == T.ARRAY:
            raise Refused("this array attribute has no counterpart")
        return sampled(ast.Attribute(owner.code, label, ast.Load()), found, FIELD_TYPES.get(label, T.TENSOR))
    if owner.type == T.ARRAY and label == "size":
        return sampled(ast.Call(ast.Attribute(owner.code, "numel", ast.Load()), [], []), found, T.INT)
    return Method(owner, label)


def _tuple_field(frame: Frame, owner: Dynamic, label: str) -> Value:
    """A named result of an operator, as in `x.max(0).values`, or what a record from a container has under a name."""
    if owner.type.record is not None:
        return _struct(frame, opened(frame, owner), label)
    if label not in owner.type.fields:
        return Method(owner, label)
    number = owner.type.fields.index(label)
    code = ast.Subscript(owner.code, ast.Constant(number), ast.Load())
    return Dynamic(owner.type.args[number], code, owner.sample[number] if owner.known else MISSING)


def opened(frame: Frame, owner: Dynamic) -> Struct:
    """A record that came out of a container, by its fields."""
    held = frame.once(owner)
    assert isinstance(held, Dynamic)
    items: list[Value] = []
    for number, (kind, label) in enumerate(zip(held.type.args, held.type.fields, strict=True)):
        code = ast.Subscript(held.code, ast.Constant(number), ast.Load())
        items.append(Dynamic(kind, code, attempt(lambda text=label: getattr(held.sample, text))))  # type: ignore[misc]
    return Struct(held.type.record, list(held.type.fields), items)


def _struct(frame: Frame, owner: Struct, label: str) -> Value:
    found = owner.get(label)
    if isinstance(owner.kind, type) and owner.kind not in (tuple, list, dict, slice):
        if found is not None:
            return found
        member = inspect.getattr_static(owner.kind, label, None)
        if isinstance(member, property) and isinstance(member.fget, types.FunctionType):
            return frame.spec.specialise(member.fget, {_first(member.fget): owner}, frame)
        if member is not None and literal(member) is not None:
            return Static(member)
    return Method(owner, label)
