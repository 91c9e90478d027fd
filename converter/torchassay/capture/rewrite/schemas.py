"""What PyTorch's operators return by their schemas: for calls whose recorded arguments are not known."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch

from torchassay.capture.rewrite import types as T

_RETURNED = {
    "Tensor": T.TENSOR,
    "bool": T.BOOL,
    "int": T.INT,
    "float": T.FLOAT,
    "number": T.UNKNOWN,
    "List[Tensor]": T.list_of(T.TENSOR),
    "List[int]": T.list_of(T.INT),
}


def returned(label: str, kinds: tuple[T.Type, ...], names: tuple[str, ...]) -> T.Type | None:
    """The type that `torch.label` gives for arguments of these types and names; None where its overloads differ."""
    found = {_result(schema) for schema in _schemas(label) if _accepts(schema, kinds, names)}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=512)
def _schemas(label: str) -> list[Any]:
    everything = torch._C._jit_get_schemas_for_operator(f"aten::{label}")
    return [schema for schema in everything if not any(item.is_out for item in schema.arguments)]


def _accepts(schema: Any, kinds: tuple[T.Type, ...], names: tuple[str, ...]) -> bool:
    given = list(schema.arguments)
    if len(kinds) > len(given) or not set(names) <= {item.name for item in given}:
        return False
    missing = [item for item in given[len(kinds) :] if item.name not in names and not item.has_default_value()]
    return not missing and all(_fits(item.type, kind) for item, kind in zip(given, kinds, strict=False))


def _fits(wanted: Any, kind: T.Type) -> bool:
    text = str(wanted).removeprefix("Optional[").removesuffix("]")
    if text == "Tensor":
        return T.is_tensor(T.bare(kind))
    if text in ("int", "SymInt", "bool", "float", "str"):
        return not T.is_tensor(T.bare(kind)) and kind.name not in ("List", "Tuple")
    return True


def _result(schema: Any) -> T.Type | None:
    parts = [(item.name, _RETURNED.get(str(item.type))) for item in schema.returns]
    if not parts or any(kind is None for _, kind in parts):
        return None
    if len(parts) == 1:
        return parts[0][1]
    return T.Type("Tuple", tuple(kind for _, kind in parts if kind is not None), tuple(name for name, _ in parts))
