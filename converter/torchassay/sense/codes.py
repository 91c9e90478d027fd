"""Which code of the catalogue a leak belongs to."""

from __future__ import annotations

from torchassay.sense.leak import Leak

_LOOPS = ("for", "while", "comprehension")
_BRANCHES = ("if", "ternary", "boolop", "assert", "match")
_BY_KIND = {
    "data": "TA109",
    "storage": "TA109",
    "dlpack": "TA109",
    "deepcopy": "TA109",
    "thread": "TA109",
    "identity": "TA110",
    "attribute": "TA106",
    "buffer": "TA106",
    "global": "TA106",
    "rng": "TA107",
    "clock": "TA107",
    "environment": "TA107",
    "file": "TA107",
    "tracing": "TA107",
    "exception": "TA112",
    "structure": "TA108",
    "bool": "TA101",
    "equal": "TA101",
    "contains": "TA101",
}
_META = ("rank", "dtype", "device", "layout", "grad")


def code_of(leak: Leak) -> str:
    """Returns the code that says best what the leak does to a trace."""
    kind = leak.statement.kind
    from_shape = _is_shape_only(leak)
    if leak.kind == "count":
        return "TA102"
    if leak.kind in _META or leak.kind in ("shape", "len"):
        return _of_fact(leak)
    if leak.kind in ("bool", "equal", "contains"):
        return _of_truth(leak, from_shape=from_shape)
    if leak.kind in _BY_KIND:
        return _BY_KIND[leak.kind]
    if kind in _LOOPS and leak.kind in ("index", "int", "item", "tolist", "count"):
        return "TA102"
    if kind in _BRANCHES:
        return "TA103" if from_shape else "TA101"
    return "TA105" if from_shape else "TA104"


def _of_truth(leak: Leak, *, from_shape: bool) -> str:
    if "random" in leak.taint:
        return "TA107"
    if leak.statement.kind == "while":
        return "TA102"
    return "TA103" if from_shape else "TA101"


def _of_fact(leak: Leak) -> str:
    if leak.statement.kind in _LOOPS:
        return "TA102" if leak.kind in ("shape", "len", "rank") else "TA103"
    return "TA103" if leak.statement.kind in _BRANCHES else "TA105"


def _is_shape_only(leak: Leak) -> bool:
    heads = {label.partition(":")[0] for label in leak.taint}
    return bool(heads) and "value" not in heads and bool(heads & {"shape", *_META})
