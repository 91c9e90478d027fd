"""Tensors made from numbers, lists and other tensors, and the other classes of torch that `forward` calls."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.lists import listed
from torchassay.capture.rewrite.naming import sample_call
from torchassay.capture.rewrite.operands import argument
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.table import lowers
from torchassay.capture.rewrite.tensors import tensor_method
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Struct,
    Value,
    call,
    expression,
    is_static,
    kind_of,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


@lowers(torch.tensor, torch.as_tensor, torch.asarray)
def _tensor(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    data = args[0]
    sample = sample_call(torch.tensor, args, kwargs)
    named = {key: frame.code(item) for key, item in kwargs.items() if key in ("dtype", "device")}
    if T.is_tensor(kind_of(data)):
        code: ast.expr = ast.Call(ast.Attribute(frame.code(data), "clone", ast.Load()), [], [])
        if named:
            code = ast.Call(ast.Attribute(code, "to", ast.Load()), [], [ast.keyword(key, item) for key, item in named.items()])
        return sampled(code, sample, T.TENSOR)
    if isinstance(data, Struct) and any(T.is_tensor(kind_of(item)) for item in data.items):
        return _stacked(frame, data, named, sample)
    content = _nested(frame, listed(frame, data))
    if isinstance(content, Struct) and content.kind is tuple:
        content = Struct(list, list(content.keys), content.items)
    code = call("torch.tensor", argument(frame, content), **named)
    if len(args) > 1:
        code = call("torch.tensor", argument(frame, content), dtype=frame.code(args[1]))
    return sampled(code, sample, T.TENSOR)


def _nested(frame: Frame, value: Value) -> Value:
    """A list of tuples of numbers as a list of lists: `torch.tensor` of TorchScript takes no tuples."""
    if isinstance(value, Struct) and value.kind in (tuple, list):
        items = [_nested(frame, item) for item in value.items]
        return Struct(list, list(value.keys), items)
    if not isinstance(value, Dynamic) or value.type.name != "List" or value.type.args[0].name != "Tuple":
        return value
    kinds = set(value.type.args[0].args)
    if len(kinds) != 1:
        return value
    parts = ", ".join(f"t[{number}]" for number in range(len(value.type.args[0].args)))
    code = expression(f"[[{parts}] for t in values]", values=value.code)
    return Dynamic(T.list_of(T.list_of(kinds.pop())), code, value.sample)


def _stacked(frame: Frame, data: Struct, named: dict[str, ast.expr], sample: Any) -> Value:
    """A tensor made from 0-d tensors and numbers."""
    parts = [frame.code(item, T.TENSOR) for item in data.items]
    code: ast.expr = call("torch.stack", ast.List(parts, ast.Load()))
    if named:
        code = ast.Call(ast.Attribute(code, "to", ast.Load()), [], [ast.keyword(key, item) for key, item in named.items()])
    return sampled(code, sample, T.TENSOR)


_DLPACK: Any = torch.utils.dlpack


@lowers(torch.from_numpy, _DLPACK.to_dlpack, _DLPACK.from_dlpack)
def _same(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if not isinstance(value, Dynamic):
        return sampled(frame.code(value), sample_of(value), T.TENSOR)
    found = value.sample
    if value.known and not isinstance(found, torch.Tensor):
        found = attempt(lambda: torch.as_tensor(value.sample))
    return Dynamic(T.TENSOR, value.code, found)


_LIMITS = ("min", "max", "eps", "tiny", "smallest_normal", "resolution")


def call_torch_class(frame: Frame, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """Classes of torch that are called in `forward`."""
    if kind in (torch.finfo, torch.iinfo) and isinstance(args[0], Dynamic):
        return _limits(frame, kind, args[0])
    if kind in (torch.Tensor, torch.FloatTensor, torch.LongTensor, torch.IntTensor, torch.BoolTensor, torch.DoubleTensor):
        return _legacy(frame, kind, args)
    if kind is torch.nn.Parameter:
        held = args[0] if isinstance(args[0], Dynamic) else Dynamic(T.TENSOR, frame.code(args[0]), sample_of(args[0]))
        return tensor_method(frame, held, "detach", [], {})
    if kind is torch.device and not all(is_static(item) for item in args):
        return sampled(call("torch.device", *[frame.code(item) for item in args]), MISSING, T.DEVICE)
    if kind is torch.Generator:
        raise Refused("a random generator is made in `forward`", "draw the numbers outside of the model")
    return None


def _limits(frame: Frame, kind: type, dtype: Dynamic) -> Value:
    """`torch.finfo(x.dtype)`: TorchScript has no such thing, a helper knows the numbers."""
    held = frame.once(dtype)
    assert isinstance(held, Dynamic)
    label = kind.__name__
    fields = _LIMITS if kind is torch.finfo else ("min", "max")
    items: list[Value] = []
    for field in fields:
        frame.spec.helpers.add(f"_{label}_{field}")
        found = MISSING if not held.known else attempt(lambda f=field: getattr(kind(held.sample), f))  # type: ignore[misc]
        items.append(Dynamic(T.FLOAT if kind is torch.finfo else T.INT, call(f"_{label}_{field}", held.code), found))
    return Struct(kind, list(fields), items)


_LEGACY: dict[type, str] = {
    torch.Tensor: "torch.float32",
    torch.FloatTensor: "torch.float32",
    torch.LongTensor: "torch.int64",
    torch.IntTensor: "torch.int32",
    torch.BoolTensor: "torch.bool",
    torch.DoubleTensor: "torch.float64",
}


def _legacy(frame: Frame, kind: type, args: list[Value]) -> Value:
    dtype = expression(_LEGACY[kind])
    sample = sample_call(kind, args, {})
    if args and kind_of(args[0]).name in ("List", "Tuple"):
        content = listed(frame, args[0])
        if isinstance(content, Struct):
            content = Struct(list, list(content.keys), content.items)
            if any(T.is_tensor(kind_of(item)) for item in content.items):
                return _stacked(frame, content, {"dtype": dtype}, sample)
        return sampled(call("torch.tensor", argument(frame, content), dtype=dtype), sample, T.TENSOR)
    if args and T.is_tensor(kind_of(args[0])):
        return sampled(call("torch.tensor", frame.code(args[0]), dtype=dtype), sample, T.TENSOR)
    sizes = [frame.code(item) for item in args]
    code = expression("torch.empty(s, dtype=d)", s=ast.List(sizes or [ast.Constant(0)], ast.Load()), d=dtype)
    return sampled(code, sample, T.TENSOR)
