"""Which calls on a tensor yield a Python value: the name that PyTorch dispatches under, and the kind of leak it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

# The tensor's value becomes a Python value, and the trace a constant.
VALUE_QUERIES = {
    "__bool__": "bool",
    "is_nonzero": "bool",
    "__int__": "int",
    "__float__": "float",
    "__complex__": "complex",
    "__index__": "index",
    "item": "item",
    "tolist": "tolist",
    "numpy": "numpy",
    "__array__": "numpy",
    "__contains__": "contains",
    "__format__": "format",
    "__repr__": "format",
    "equal": "equal",
    "allclose": "equal",
    "__len__": "len",
}

# The data goes on, but the tracer does not see where it came from.
SEVERING_QUERIES = {
    "data.__get__": "data",
    "data.__set__": "data",
    "untyped_storage": "storage",
    "storage": "storage",
    "_typed_storage": "storage",
    "data_ptr": "storage",
    "const_data_ptr": "storage",
    "__dlpack__": "dlpack",
    "__cuda_array_interface__.__get__": "dlpack",
    "__deepcopy__": "deepcopy",
    "__reduce_ex__": "deepcopy",
}

# Tensors made from Python lists: a tensor inside of the list is read as a number.
CONSTRUCTORS = frozenset(("tensor", "as_tensor", "asarray", "new_tensor", "new", "sparse_coo_tensor", "scalar_tensor", "full"))

# Calls whose result's shape depends on the values of an argument.
DATA_SIZED = frozenset(("nonzero", "argwhere", "masked_select", "unique", "unique_consecutive", "bincount"))


def is_data_sized(name: str, args: Sequence[object], named: Mapping[str, object]) -> bool:
    """Whether values decide the shape of what a call returns; some calls do it in one of their forms only."""
    if name == "where":
        return len(args) + len(named) == 1
    if name == "repeat_interleave":
        repeats = args[1] if len(args) > 1 else named.get("repeats")
        return not isinstance(repeats, int)
    if name == "one_hot":
        classes = args[1] if len(args) > 1 else named.get("num_classes", -1)
        return classes == -1 if isinstance(classes, int) else True
    return name in DATA_SIZED


# Calls that take sizes: a 0-d tensor among their arguments decides the shape of the result.
SIZED_BY_ARGUMENTS = frozenset(
    (
        "zeros",
        "ones",
        "empty",
        "full",
        "rand",
        "randn",
        "randint",
        "arange",
        "linspace",
        "eye",
        "narrow",
        "view",
        "reshape",
        "expand",
        "repeat",
        "unflatten",
        "new_zeros",
        "new_ones",
        "new_empty",
        "new_full",
        "topk",
        "split",
        "chunk",
        "tril_indices",
        "triu_indices",
    )
)

# A tuple of tensors whose length follows a size of the input.
COUNT_QUERIES = frozenset(
    (
        "unbind",
        "split",
        "split_with_sizes",
        "chunk",
        "tensor_split",
        "hsplit",
        "vsplit",
        "dsplit",
        "unsafe_split",
        "unsafe_chunk",
    )
)
_SECTIONS = frozenset(("tensor_split", "hsplit", "vsplit", "dsplit"))  # these take how many parts, or where to cut

# Facts about a tensor other than its sizes: constants of a trace wherever they are used.
META_QUERIES = {
    "dim": "rank",
    "ndim.__get__": "rank",
    "ndimension": "rank",
    "dtype.__get__": "dtype",
    "is_floating_point": "dtype",
    "is_complex": "dtype",
    "is_signed": "dtype",
    "element_size": "dtype",
    "itemsize.__get__": "dtype",
    "nbytes.__get__": "dtype",
    "type": "dtype",
    "result_type": "dtype",
    "device.__get__": "device",
    "is_cuda.__get__": "device",
    "is_cpu.__get__": "device",
    "is_mps.__get__": "device",
    "is_meta.__get__": "device",
    "get_device": "device",
    "layout.__get__": "layout",
    "is_sparse.__get__": "layout",
    "is_sparse_csr.__get__": "layout",
    "is_mkldnn.__get__": "layout",
    "is_quantized.__get__": "layout",
    "is_nested.__get__": "layout",
    "is_contiguous": "layout",
    "stride": "layout",
    "storage_offset": "layout",
    "dim_order": "layout",
    "requires_grad.__get__": "grad",
    "is_leaf.__get__": "grad",
    "grad_fn.__get__": "grad",
    "grad.__get__": "grad",
    "is_set_to": "identity",
    "is_shared": "identity",
}

# Sizes: tensors while tracing, so that only their later conversion leaks; Python integers in eager mode.
SHAPE_QUERIES = frozenset(("shape.__get__", "size", "numel"))

# Results that hold no value of their argument, only its sizes and type.
SHAPE_ONLY_RESULTS = frozenset(
    (
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "rand_like",
        "randn_like",
        "randint_like",
        "new_zeros",
        "new_ones",
        "new_empty",
        "new_full",
        "new_empty_strided",
    )
)

RANDOM_RESULTS = frozenset(
    (
        "rand",
        "randn",
        "randint",
        "randperm",
        "rand_like",
        "randn_like",
        "randint_like",
        "bernoulli",
        "bernoulli_",
        "multinomial",
        "normal",
        "normal_",
        "uniform_",
        "exponential_",
        "random_",
        "geometric_",
        "cauchy_",
        "log_normal_",
        "poisson",
        "rrelu",
        "gumbel_softmax",
    )
)

# What a comparison is called when it is dispatched, and the operator that a person wrote.
COMPARISONS = {
    "gt": ">",
    "__gt__": ">",
    "greater": ">",
    "lt": "<",
    "__lt__": "<",
    "less": "<",
    "ge": ">=",
    "__ge__": ">=",
    "greater_equal": ">=",
    "le": "<=",
    "__le__": "<=",
    "less_equal": "<=",
    "eq": "==",
    "__eq__": "==",
    "ne": "!=",
    "__ne__": "!=",
    "not_equal": "!=",
}

# Functions of truth values: a leaked `any(x > 3)` still has the comparison `x > 3` behind it.
LOGICAL = frozenset(
    (
        "any",
        "all",
        "logical_and",
        "logical_or",
        "logical_not",
        "logical_xor",
        "__and__",
        "__or__",
        "__invert__",
        "bitwise_and",
        "bitwise_or",
        "bitwise_not",
        "bool",
        "to",
        "squeeze",
        "view",
        "reshape",
        "flatten",
        "__getitem__",
        "max",
        "min",
        "amax",
        "amin",
        "detach",
        "clone",
        "cpu",
    )
)


def name_of(function: Callable[..., object]) -> str:
    """Returns the name that the tables above use; property accessors are `shape.__get__`, `data.__set__`."""
    name = getattr(function, "__name__", "")
    if name in ("__get__", "__set__"):
        owner = getattr(function, "__self__", None)
        return f"{getattr(owner, '__name__', '')}.{name}"
    return name


def mutates(name: str) -> bool:
    """True where the first argument is changed in place."""
    if name in ("__setitem__", "data.__set__", "set_", "resize_"):
        return True
    if name.startswith("__i") and name.endswith("__"):
        return name not in ("__index__", "__int__", "__invert__", "__iter__", "__init__")
    return name.endswith("_") and not name.endswith("__")


def count_is_given(name: str, args: Sequence[object], named: Mapping[str, object]) -> bool:
    """True where a call that splits says itself how many parts it makes: no size changes that."""
    asked = (*args[1:2], *named.values())
    if any(isinstance(each, (list, tuple)) for each in asked):
        return True
    return name in _SECTIONS and any(type(each) is int for each in asked[:1])
