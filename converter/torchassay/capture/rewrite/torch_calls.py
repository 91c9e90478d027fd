"""Functions of torch, torch.nn.functional, math and NumPy: kept where TorchScript has them, lowered where not."""

from __future__ import annotations

import ast
import sys
import types
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.edits import Remedy
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_value
from torchassay.capture.rewrite.functions import call_user, evaluate_now
from torchassay.capture.rewrite.iteration import items_of
from torchassay.capture.rewrite.lists import listed
from torchassay.capture.rewrite.mathematics import math_call, numpy_function
from torchassay.capture.rewrite.naming import compiles, dotted_name, sample_call
from torchassay.capture.rewrite.operands import argument, spread_code
from torchassay.capture.rewrite.passing import Spread
from torchassay.capture.rewrite.samples import sampled
from torchassay.capture.rewrite.schemas import returned
from torchassay.capture.rewrite.source import function_node
from torchassay.capture.rewrite.table import FUNCTIONS, lowers, static_call
from torchassay.capture.rewrite.tensors import tensor_method
from torchassay.capture.rewrite.truth import test_value
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
)

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame

PURE = frozenset(
    (
        "finfo",
        "iinfo",
        "device",
        "is_grad_enabled",
        "is_inference_mode_enabled",
        "get_default_dtype",
        "is_tracing",
        "is_scripting",
        "is_available",
        "is_compiling",
        "is_in_onnx_export",
        "is_tensor",
        "is_autocast_enabled",
        "Size",
        "result_type",
        "promote_types",
        "no_grad",
        "enable_grad",
        "autocast",
        "inference_mode",
        "set_grad_enabled",
        "record_function",
        "is_torch_fx_available",
        "is_dynamo_compiling",
        "device_count",
        "is_built",
        "is_exporting",
        "get_num_threads",
        "is_storage",
        "nullcontext",
    )
)
FALSE = frozenset(
    (
        "is_tracing",
        "is_scripting",
        "is_compiling",
        "is_dynamo_compiling",
        "is_in_onnx_export",
        "is_exporting",
        "has_torch_function",
        "has_torch_function_unary",
        "has_torch_function_variadic",
        "_is_torch_function_enabled",
        "_is_torch_function_mode_enabled",
    )
)
IMPURE_ROOMS = {
    "random": "Python's random numbers",
    "time": "the clock",
    "datetime": "the clock",
    "os": "the environment",
    "secrets": "random numbers",
    "uuid": "random numbers",
    "socket": "the network",
}
LISTS = frozenset(
    (
        "split",
        "chunk",
        "unbind",
        "tensor_split",
        "meshgrid",
        "broadcast_tensors",
        "unsafe_split",
        "unsafe_chunk",
        "split_with_sizes",
        "hsplit",
        "vsplit",
    )
)
SIZES = frozenset(("zeros", "ones", "rand", "randn", "empty"))
PACKED = frozenset(
    ("einsum", "meshgrid", "broadcast_tensors", "cartesian_prod", "block_diag", "broadcast_shapes", "atleast_1d", "atleast_2d")
)


_SETTINGS = frozenset(("_get_privateuse1_backend_name",))
CHECKPOINT_OPTIONS = ("use_reentrant", "preserve_rng_state", "context_fn", "determinism_check", "debug")


def call_torch(frame: Frame, function: Any, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A function that no user wrote."""
    label = getattr(function, "__name__", type(function).__name__)
    room = (getattr(function, "__module__", None) or "").split(".")[0]
    owner = getattr(function, "__self__", None)
    _refuse_impure(function, label, room, owner)
    if label in FALSE:
        return Static(False)
    if label == "checkpoint":
        return call_value(frame, args[0], args[1:], {key: kwargs[key] for key in kwargs if key not in CHECKPOINT_OPTIONS})
    if room == "numpy" or _is_numpy(function):
        return numpy_function(frame, function, label, args, kwargs)
    pure = room in ("math", "_operator") or label in PURE
    if pure and (found := static_call(function, args, kwargs)) is not None:
        return found
    if room == "math":
        return math_call(frame, function, label, args, kwargs)
    text = dotted_name(function)
    if text is not None and (label in PACKED or not _has_source(function) or compiles(function)):
        return _kept(frame, function, text, args, kwargs)
    if _is_tensor_method(function):
        return _unbound(frame, function, label, args, kwargs)
    if _has_source(function):
        return call_user(frame, function, args, kwargs)
    foreign = room not in ("torch", "") or (owner is not None and not isinstance(owner, type(sys))) or label in _SETTINGS
    if foreign and all(is_static(item) for item in (*args, *kwargs.values())):
        return evaluate_now(function, args, kwargs)
    raise Refused(f"`{label}` is Python and does not exist in TorchScript", "use a torch operator that does the same")


def _has_source(function: Any) -> bool:
    """Whether it is one of the functions that PyTorch writes in Python: specialised like the user's."""
    return isinstance(function, types.FunctionType) and function_node(function.__code__) is not None


def _refuse_impure(function: Any, label: str, room: str, owner: Any) -> None:
    kind = owner if isinstance(owner, type) else type(owner)
    found = IMPURE_ROOMS.get(room) or IMPURE_ROOMS.get(kind.__module__.split(".")[0])
    if type(owner).__name__ in ("RandomState", "Generator") and type(owner).__module__.startswith("numpy"):
        found = "NumPy's random numbers"
    if label in ("manual_seed", "seed", "set_rng_state", "fork_rng"):
        advice = "seed it outside of the model"
        raise Refused("the random number generator is seeded in `forward`", advice, Remedy("delete"))
    if found is not None and not (room == "os" and label in ("fspath", "getenv", "get")):
        advice = "pass the value in as an argument"
        raise Refused(f"the result depends on {found}, which no file can hold", advice, Remedy("argument", label))


def _is_numpy(function: Any) -> bool:
    return type(function).__module__.startswith("numpy") or type(function).__name__ in ("ufunc", "_ArrayFunctionDispatcher")


def _is_tensor_method(function: Any) -> bool:
    return type(function).__name__ in ("method_descriptor", "wrapper_descriptor") or (
        "Tensor" in getattr(function, "__qualname__", "")
    )


def _unbound(frame: Frame, function: Any, label: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args or not T.is_tensor(kind_of(args[0])):
        raise Refused(f"`{label}` does not exist in TorchScript")
    first = args[0] if isinstance(args[0], Dynamic) else Dynamic(T.TENSOR, frame.code(args[0]), sample_of(args[0]))
    return tensor_method(frame, first, label, args[1:], kwargs)


def _kept(frame: Frame, function: Any, text: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call that TorchScript compiles as it stands."""
    label = text.rpartition(".")[2]
    sample = sample_call(function, args, kwargs)
    if any(isinstance(item, Spread) for item in args):
        if label not in SIZES:
            raise Refused("TorchScript cannot expand `*` here", "pass the list itself")
        args = [Dynamic(T.list_of(T.INT), spread_code(frame, args))]
    if label in PACKED:
        args = _packed(label, args)
    if label == "nonzero" and "as_tuple" in kwargs:
        return _unbound(frame, function, label, args, kwargs)
    kwargs = {key: item for key, item in kwargs.items() if not (key == "out" and sample_of(item) is None)}
    args = [_opened(frame, label, number, item) for number, item in enumerate(args)]
    args, kwargs = _as_floats(function, args, kwargs)
    if label.endswith("_") and not label.endswith("__"):
        args = [frame.once(item) if number == 0 else item for number, item in enumerate(args)]
    codes = [argument(frame, item, label) for item in args]
    named = [ast.keyword(key, argument(frame, item, key)) for key, item in kwargs.items()]
    code = ast.Call(ast.parse(text, mode="eval").body, codes, named)
    if text.endswith("_") and not text.endswith("__") and args and T.is_tensor(kind_of(args[0])):
        frame.emit(ast.Expr(code))
        return args[0]
    kind = _kind(label, sample)
    if kind == T.UNKNOWN:
        kind = returned(label, tuple(map(kind_of, args)), tuple(kwargs)) or kind
    return sampled(code, _as_list(label, sample), kind)


def _as_floats(function: Any, args: list[Value], kwargs: dict[str, Value]) -> tuple[list[Value], dict[str, Value]]:
    """Whole numbers where a Python function of torch wants a float: Python takes them, TorchScript does not."""
    annotations = getattr(function, "__annotations__", {})
    wanted = {text for text, kind in annotations.items() if "float" in str(kind)}
    code = getattr(function, "__code__", None)
    if not wanted or code is None:
        return args, kwargs
    named = [
        _as_float(item) if text in wanted else item
        for text, item in zip(code.co_varnames[: code.co_argcount], args, strict=False)
    ]
    return [*named, *args[len(named) :]], {key: _as_float(item) if key in wanted else item for key, item in kwargs.items()}


def _as_float(value: Value) -> Value:
    if isinstance(value, Static) and type(value.data) is int:
        return Static(float(value.data))
    if isinstance(value, Dynamic) and value.type == T.INT:
        return Dynamic(T.FLOAT, call("float", value.code), value.sample)
    if isinstance(value, Struct) and value.kind in (tuple, list):
        return Struct(value.kind, list(value.keys), [_as_float(item) for item in value.items])
    if isinstance(value, Static) and isinstance(value.data, (tuple, list)) and value.data:
        return Static(type(value.data)(float(item) if type(item) is int else item for item in value.data))
    return value


def _opened(frame: Frame, label: str, number: int, value: Value) -> Value:
    """Sequences of tensors as lists; sizes that are fixed sequences stay."""
    if label in ("cat", "stack", "concat", "hstack", "vstack", "concatenate", "column_stack", "dstack") and number == 0:
        found = listed(frame, value)
        items = items_of(frame, found)
        if items is not None:
            held = [item if T.is_tensor(kind_of(item)) else Dynamic(T.TENSOR, frame.code(item, T.TENSOR)) for item in items]
            return Struct(list, list(range(len(held))), list(held))
        if isinstance(found, Dynamic) and T.is_tensor(found.type):
            return Dynamic(T.list_of(T.TENSOR), call("torch.unbind", found.code))
        return found
    return value


def _packed(label: str, args: list[Value]) -> list[Value]:
    """`einsum(equation, a, b)` as `einsum(equation, [a, b])`."""
    fixed = 1 if label == "einsum" else 0
    rest = args[fixed:]
    if len(rest) == 1 and kind_of(rest[0]).name in ("List", "Tuple"):
        return args
    return [*args[:fixed], Struct(list, list(range(len(rest))), rest)]


def _as_list(label: str, sample: Any) -> Any:
    return list(sample) if label in LISTS and sample is not MISSING else sample


def _kind(label: str, sample: Any) -> T.Type | None:
    if label in LISTS:
        return T.list_of(T.TENSOR)
    if sample is not MISSING:
        return None
    booleans = ("equal", "allclose", "is_nonzero", "is_floating_point", "is_complex", "is_grad_enabled")
    return T.BOOL if label in booleans else T.UNKNOWN


@lowers(torch.is_tensor)
def _is_tensor(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return FUNCTIONS[isinstance](frame, [args[0], Static(torch.Tensor)], {})


@lowers(torch.numel)
def _numel(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _unbound(frame, torch.Tensor.numel, "numel", args, {})


@lowers(torch._assert)
def _assert(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    test = test_value(frame, args[0])
    if test.known is not True:
        frame.emit(ast.Assert(test.code, ast.Constant(str(sample_of(args[1])) if len(args) > 1 else "")))
    return Static(None)


@lowers(torch._check)
def _check(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _assert(frame, [args[0], Static("a check failed")], {})


@lowers(torch.cond)
def _cond(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    operands = items_of(frame, args[3]) or [] if len(args) > 3 else []
    test = test_value(frame, args[0])
    if test.known is not None:
        return call_value(frame, args[1] if test.known else args[2], operands, {})
    found = frame.branch(
        test.code,
        lambda: call_value(frame, args[1], operands, {}),
        lambda: call_value(frame, args[2], operands, {}),
        taken=test.taken,
    )
    return Static(None) if found is None else found


@lowers(torch.is_grad_enabled)
def _grad_enabled(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Dynamic(T.BOOL, call("torch.is_grad_enabled"), torch.is_grad_enabled())
