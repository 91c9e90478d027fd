"""Nested values as manifest data plus named tensors for the case's tensor file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import torch

from torchassay.base.errors import ConverterError, a_kind
from torchassay.inputs import tree
from torchassay.inputs.dtypes import TORCH_DTYPES, dtype_name, is_channels_last

Json: TypeAlias = Any


class ValueEncoder:
    """Encodes values and collects their tensors; the same tensor twice is marked as an alias."""

    def __init__(self) -> None:
        self.tensors: dict[str, torch.Tensor] = {}
        self._seen: list[tuple[torch.Tensor, str]] = []

    def encode(self, value: object, path: str) -> dict[str, Json]:
        """The manifest's form of `value`; ConverterError when a bundle cannot hold it."""
        if isinstance(value, torch.Tensor):
            return self._tensor(value, path)
        if isinstance(value, (tuple, list)):
            return self._sequence(value, path)
        if isinstance(value, Mapping):
            return self._mapping(value, path)
        if dataclasses.is_dataclass(value):
            return self._record(value, path)
        return _plain(value, path)

    def _sequence(self, value: tuple[object, ...] | list[object], path: str) -> dict[str, Json]:
        parts = tree.children(value) or []
        items = [self.encode(part, tree.join(path, step)) for step, part in parts]
        if isinstance(value, list):
            return {"list": items}
        if tree.is_namedtuple(value):
            return {
                "tuple": items,
                "names": [step for step, _ in parts],
                "class": type(value).__name__,
            }
        return {"tuple": items}

    def _record(self, value: object, path: str) -> dict[str, Json]:
        """A data class: TorchScript takes and gives its fields as a tuple."""
        parts = tree.children(value) or []
        items = [self.encode(part, tree.join(path, step)) for step, part in parts]
        return {"tuple": items, "names": [step for step, _ in parts], "class": type(value).__name__}

    def _mapping(self, value: object, path: str) -> dict[str, Json]:
        pairs = []
        for step, part in tree.children(value) or []:
            if not isinstance(step, (str, bool, int, float)):
                raise _unsupported(path, f"a dict with {a_kind(step)} as key")
            pairs.append([step, self.encode(part, tree.join(path, step))])
        encoded: dict[str, Json] = {"dict": pairs}
        if type(value) is not dict:
            encoded["class"] = type(value).__name__
        return encoded

    def _tensor(self, tensor: torch.Tensor, path: str) -> dict[str, Json]:
        name = dtype_name(tensor.dtype)
        if name not in TORCH_DTYPES or tensor.device.type == "meta" or tensor.is_quantized:
            raise _unsupported(path, f"a tensor of {tensor.dtype} on {tensor.device}")
        encoded: dict[str, Json] = {"tensor": path, "dtype": name, "shape": list(tensor.shape)}
        dense = tensor
        if tensor.layout != torch.strided:
            encoded["layout"] = str(tensor.layout).removeprefix("torch.")
            dense = tensor.to_dense()
        elif is_channels_last(tensor):
            encoded["layout"] = "channels_last"
        if tensor.requires_grad and path.startswith("input."):
            encoded["requires_grad"] = True
        twin = next((known for other, known in self._seen if _same_memory(other, tensor)), None)
        if twin is not None and path.startswith("input."):
            encoded["alias"] = twin
        self._seen.append((tensor, path))
        self.tensors[path] = dense
        return encoded


def _same_memory(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one is other:
        return True
    if one.layout != torch.strided or other.layout != torch.strided or one.numel() == 0:
        return False
    return (
        one.data_ptr() == other.data_ptr()
        and one.shape == other.shape
        and one.stride() == other.stride()
        and one.dtype == other.dtype
    )


def _plain(value: object, path: str) -> dict[str, Json]:
    if value is None:
        return {"none": None}
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        return {"int": int(value)}
    if isinstance(value, float):
        return {"float": number(value)}
    if isinstance(value, complex):
        return {"complex": [number(value.real), number(value.imag)]}
    if isinstance(value, str):
        return {"str": str(value)}
    raise _unsupported(path, a_kind(value))


def number(value: float) -> float | str:
    """A float for JSON: NaN and infinities are texts."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return float(value)


class UnsupportedValue(ConverterError):
    """An input or output that a bundle cannot hold."""


_HOLDS = "a bundle holds tensors, numbers, texts, None, tuples, lists and dicts of them"
_WITHOUT_CACHE = "leave the cache out: give `use_cache=False` in the example's inputs, or set it in the model's config"


def _unsupported(path: str, what: str) -> UnsupportedValue:
    message = f"`{path.removeprefix('input.')}` is {what}, which a bundle cannot hold"
    return UnsupportedValue(message, help=_WITHOUT_CACHE if what.endswith("Cache") else _HOLDS)


def decode(value: Mapping[str, Json], tensors: Mapping[str, torch.Tensor]) -> object:
    """The value that an encoder wrote; classes become plain tuples and dicts."""
    ((kind, content),) = [(k, v) for k, v in value.items() if k in _KINDS]
    if kind == "tensor":
        return _decode_tensor(value, tensors)
    if kind in ("tuple", "list"):
        items = [decode(item, tensors) for item in content]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict":
        return {key: decode(item, tensors) for key, item in content}
    if kind == "float":
        return float(content)
    if kind == "complex":
        return complex(float(content[0]), float(content[1]))
    return content


_KINDS = ("tensor", "tuple", "list", "dict", "none", "bool", "int", "float", "complex", "str")


def _decode_tensor(value: Mapping[str, Json], tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    tensor = tensors[value.get("alias", value["tensor"])]
    if value["dtype"] == "c128":
        tensor = torch.view_as_complex(tensor)
    if value.get("layout") == "channels_last":
        form = torch.channels_last if tensor.dim() == 4 else torch.channels_last_3d
        tensor = tensor.contiguous(memory_format=form)
    return tensor.requires_grad_() if value.get("requires_grad") else tensor
