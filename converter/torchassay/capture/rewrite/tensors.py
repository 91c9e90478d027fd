"""Methods of tensors, and of arrays that stand for tensors."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.arrays import array_method
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_static
from torchassay.capture.rewrite.operands import argument, spread_code
from torchassay.capture.rewrite.passing import Spread
from torchassay.capture.rewrite.samples import attempt, sampled
from torchassay.capture.rewrite.schemas import returned
from torchassay.capture.rewrite.values import (
    MISSING,
    Dynamic,
    Static,
    Value,
    call,
    expression,
    kind_of,
    name,
    sample_of,
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

SAME: frozenset[str] = frozenset(("requires_grad_", "retain_grad", "share_memory_", "pin_memory"))
TEMPLATES = {
    "nelement": "x.numel()",
    "numpy": "x.detach()",
    "__len__": "len(x)",
    "resolve_conj": "x",
    "resolve_neg": "x",
    "copy": "x.clone()",
    "ravel": "x.reshape(-1)",
    "get_device": "-1",
    "ndimension": "x.dim()",
    "dim": "x.dim()",
    "is_shared": "False",
    "untyped_storage": None,
    "as_subclass": "x",
    "byte": "x.to(torch.uint8)",
    "bool": "x.to(torch.bool)",
    "float": "x.to(torch.float32)",
    "double": "x.to(torch.float64)",
    "half": "x.to(torch.float16)",
    "bfloat16": "x.to(torch.bfloat16)",
    "long": "x.to(torch.int64)",
    "int": "x.to(torch.int32)",
    "short": "x.to(torch.int16)",
    "char": "x.to(torch.int8)",
}
INTS = frozenset(("dim", "numel", "nelement", "element_size", "storage_offset", "ndimension", "__len__", "get_device"))
BOOLS = frozenset(
    (
        "is_contiguous",
        "is_floating_point",
        "is_complex",
        "equal",
        "allclose",
        "is_nonzero",
        "is_signed",
        "is_same_size",
        "is_pinned",
        "is_inference",
        "is_conj",
        "is_neg",
        "is_set_to",
    )
)
VARIADIC = frozenset(
    (
        "view",
        "reshape",
        "permute",
        "expand",
        "repeat",
        "tile",
        "flip",
        "new_zeros",
        "new_ones",
        "new_empty",
        "size",
        "unflatten",
        "movedim",
    )
)
MUTATING_SUFFIX = "_"


def tensor_method(frame: Frame, owner: Dynamic, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`tensor.label(…)`."""
    if owner.type == T.ARRAY:
        found = array_method(frame, owner, label, args, kwargs)
        if found is not None:
            return found
    special = _SPECIAL.get(label)
    if special is not None:
        lowered: Value | None = special(frame, owner, args, kwargs)
        if lowered is not None:
            return lowered
    if label in SAME:
        return owner
    template = TEMPLATES.get(label, "")
    if template is None:
        raise Refused(f"`{label}` reaches into the storage of a tensor", "index the tensor")
    sample = _sample(owner, label, args, kwargs)
    if template:
        return sampled(expression(template, x=owner.code), sample, _fixed_type(label, owner, sample))
    return _operator(frame, owner, label, args, kwargs, sample)


def _operator(frame: Frame, owner: Dynamic, label: str, args: list[Value], kwargs: dict[str, Value], sample: Any) -> Value:
    """A method that TorchScript has under the same name."""
    args = _join_spread(frame, label, args)
    in_place = label.endswith("_") and not label.endswith("__")
    if in_place:  # the result is the tensor itself, which may have no name yet
        owner = _held(frame, owner)
    code = ast.Call(
        ast.Attribute(owner.code, label, ast.Load()),
        [argument(frame, item, label) for item in args],
        [ast.keyword(key, argument(frame, item, key)) for key, item in kwargs.items()],
    )
    if in_place:
        frame.emit(ast.Expr(code))
        return owner
    known = _fixed_type(label, owner, sample)
    if known == T.UNKNOWN:
        known = returned(label, (T.TENSOR, *map(kind_of, args)), tuple(kwargs)) or known
    return sampled(code, sample, known)


def _held(frame: Frame, owner: Dynamic) -> Dynamic:
    held = owner if isinstance(owner.code, (ast.Name, ast.Attribute)) else frame.once(owner)
    assert isinstance(held, Dynamic)
    return held


def _fixed_type(label: str, owner: Dynamic, sample: Any) -> T.Type | None:
    if label in INTS:
        return T.INT
    if label in BOOLS:
        return T.BOOL
    if label == "numpy":
        return T.ARRAY
    if sample is MISSING:
        return T.list_of(T.INT) if label in ("size", "stride") else T.UNKNOWN
    return owner.type if isinstance(sample, torch.Tensor) and owner.type == T.ARRAY else None


def _sample(owner: Dynamic, label: str, args: list[Value], kwargs: dict[str, Value]) -> Any:
    given = [sample_of(item) if not isinstance(item, Spread) else item.value.sample for item in args]
    named = {key: sample_of(item) for key, item in kwargs.items()}
    if not owner.known or any(item is MISSING for item in (*given, *named.values())):
        return MISSING
    opened: list[Any] = []
    for item, value in zip(args, given, strict=True):
        opened += list(value) if isinstance(item, Spread) else [value]
    if label.endswith("_") and not label.endswith("__"):
        return attempt(lambda: getattr(owner.sample, label)(*opened, **named))
    return attempt(lambda: getattr(owner.sample, label)(*opened, **named))


def _join_spread(frame: Frame, label: str, args: list[Value]) -> list[Value]:
    """`view(*sizes)` as `view(sizes)`, which TorchScript has."""
    if not any(isinstance(item, Spread) for item in args):
        return args
    if label not in VARIADIC:
        raise Refused("TorchScript cannot expand `*` here", "pass the list itself")
    return [Dynamic(T.list_of(T.INT), spread_code(frame, args))]


def item(value: Dynamic) -> Dynamic:
    """`tensor.item()` with the type that the recorded tensor has."""
    sample: Any = value.sample
    if not isinstance(sample, torch.Tensor):
        found = attempt(lambda: sample.item())  # noqa: PLW0108 - a number has no `item`
        kind = T.FLOAT if found is MISSING else T.type_of(found)
        return Dynamic(kind, call(kind.name if kind in T.NUMBERS else "float", value.code), found)
    found = attempt(sample.item)
    kind = T.BOOL if sample.dtype == torch.bool else T.FLOAT if sample.dtype.is_floating_point else T.INT
    if sample.dtype.is_complex:
        kind = T.COMPLEX
    return Dynamic(kind, call(kind.name, value.code), found)


def _item(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if args:
        raise Refused("`item` with an index", "index the tensor first")
    return item(owner)


def _tolist(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value:
    sample = owner.sample
    if sample is MISSING:
        raise Refused("the type of `tolist()` could not be recorded", "write `values: List[int] = x.tolist()`")
    if not isinstance(sample, torch.Tensor):
        sample = torch.as_tensor(sample)
    scalar = T.BOOL if sample.dtype == torch.bool else T.FLOAT if sample.dtype.is_floating_point else T.INT
    kind = scalar
    for _ in range(sample.dim()):
        kind = T.list_of(kind)
    if sample.dim() == 0:
        return item(owner)
    target = frame.fresh("_t_list")
    frame.declare(target, kind, ast.Call(ast.Attribute(owner.code, "tolist", ast.Load()), [], []))
    frame.open.pop(target, None)
    return Dynamic(kind, name(target), sample.tolist())


def _size(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    if not args and not kwargs:
        return sampled(expression("x.shape", x=owner.code), _sample(owner, "size", [], {}), T.list_of(T.INT))
    code = ast.Call(
        ast.Attribute(owner.code, "size", ast.Load()), [frame.code(item, T.INT) for item in (*args, *kwargs.values())], []
    )
    return sampled(code, _sample(owner, "size", args, kwargs), T.INT)


def _new_tensor(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value:
    held = frame.once(owner)
    assert isinstance(held, Dynamic)
    data = args[0]
    sample = _sample(owner, "new_tensor", args, kwargs)
    dtype = frame.code(kwargs["dtype"]) if "dtype" in kwargs else expression("x.dtype", x=held.code)
    if T.is_tensor(kind_of(data)):
        return sampled(expression("y.detach().clone().to(d)", y=frame.code(data), d=dtype), sample, T.TENSOR)
    code = expression("torch.tensor(v, dtype=d, device=x.device)", v=argument(frame, data), d=dtype, x=held.code)
    return sampled(code, sample, T.TENSOR)


def _nonzero(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    if "as_tuple" not in kwargs or not sample_of(kwargs["as_tuple"]):
        return None
    found = _sample(owner, "nonzero", args, kwargs)
    held = MISSING if found is MISSING else list(found)
    return sampled(expression("x.nonzero().unbind(1)", x=owner.code), held, T.list_of(T.TENSOR))


def _split(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value], label: str) -> Value | None:
    found = _sample(owner, label, args, kwargs)
    code = ast.Call(
        ast.Attribute(owner.code, label, ast.Load()),
        [argument(frame, item, label) for item in args],
        [ast.keyword(key, argument(frame, item, key)) for key, item in kwargs.items()],
    )
    return Dynamic(T.list_of(T.TENSOR), code, MISSING if found is MISSING else list(found))


def _lister(label: str) -> Any:
    return lambda frame, owner, args, kwargs: _split(frame, owner, args, kwargs, label)


def _type(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    if not args:
        raise Refused("the type of a tensor is asked as a text", "compare `dtype`")
    wanted = sample_of(args[0])
    if isinstance(wanted, torch.dtype):
        return None
    known = {
        "torch.FloatTensor": torch.float32,
        "torch.LongTensor": torch.int64,
        torch.FloatTensor: torch.float32,
        torch.LongTensor: torch.int64,
    }
    if wanted not in known:
        raise Refused("this tensor type has no counterpart", "use `.to(dtype)`")
    return tensor_method(frame, owner, "to", [Static(known[wanted])], {})


def _stride(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    found = _sample(owner, "stride", args, kwargs)
    code = ast.Call(ast.Attribute(owner.code, "stride", ast.Load()), [frame.code(item) for item in args], [])
    return sampled(code, list(found) if isinstance(found, tuple) else found, T.INT if args else T.list_of(T.INT))


def _to(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    kept = {key: item for key, item in kwargs.items() if key != "memory_format"}
    if len(args) == 1 and T.is_optional(kind_of(args[0])):
        raise Refused("`to` with a value that may be None")
    if len(kept) == len(kwargs):
        return None
    return (
        tensor_method(frame, owner, "to", args, kept) if args or kept else tensor_method(frame, owner, "contiguous", [], kwargs)
    )


def _norm(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`x.norm(dim=…)`: TorchScript wants the order of the norm as well."""
    if args or not {"dim", "keepdim"} & set(kwargs):
        return None
    order = kwargs.get("p", Static(2))
    rest = {key: item for key, item in kwargs.items() if key != "p"}
    return tensor_method(
        frame, owner, "norm", [Static(2) if sample_of(order) == "fro" else order], {"keepdim": Static(False), **rest}
    )


def _unsupported(label: str, advice: str = "use an operator that TorchScript knows") -> Any:
    def refuse(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        raise Refused(f"`{label}` of a tensor has no counterpart in TorchScript", advice)

    return refuse


def _where(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    code = expression("torch.where(c, x, y)", c=frame.code(args[0]), x=owner.code, y=frame.code(args[1]))
    return sampled(code, _sample(owner, "where", args, kwargs), T.TENSOR)


def _as_function(label: str) -> Any:
    """A method that is lowered like the function of that name."""

    def lowered(frame: Frame, owner: Dynamic, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        return call_static(frame, getattr(torch, label), [owner, *args], kwargs)

    return lowered


_SPECIAL: dict[str, Any] = {
    "unique": _as_function("unique"),
    "unique_consecutive": _as_function("unique_consecutive"),
    "item": _item,
    "tolist": _tolist,
    "size": _size,
    "new_tensor": _new_tensor,
    "nonzero": _nonzero,
    "type": _type,
    "split": _lister("split"),
    "chunk": _lister("chunk"),
    "unbind": _lister("unbind"),
    "stride": _stride,
    "to": _to,
    "tensor_split": _lister("tensor_split"),
    "backward": _unsupported("backward", "keep training out of the exported method"),
    "register_hook": _unsupported("register_hook", "keep gradients out of the exported method"),
    "data_ptr": _unsupported("data_ptr", "copy with `copy_`: memory that is written behind PyTorch's back is not recorded"),
    "storage": _unsupported("storage", "index the tensor"),
    "apply_": _unsupported("apply_", "use an operator on the whole tensor"),
    "map_": _unsupported("map_", "use an operator on the whole tensor"),
    "where": _where,
    "norm": _norm,
    "__dlpack__": _unsupported("__dlpack__", "pass the tensor itself"),
    "split_with_sizes": _lister("split_with_sizes"),
}
