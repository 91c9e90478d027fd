"""Reads and writes safetensors files with nothing but torch: a JSON header, then the tensors' bytes."""

from __future__ import annotations

import ctypes
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from torchassay.base.errors import ConverterError

MAX_HEADER_BYTES = 100_000_000
_NAMES: dict[torch.dtype, str] = {
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float32: "F32",
    torch.float64: "F64",
    torch.int8: "I8",
    torch.int16: "I16",
    torch.int32: "I32",
    torch.int64: "I64",
    torch.uint8: "U8",
    torch.bool: "BOOL",
    torch.complex64: "C64",
}
_DTYPES = {name: dtype for dtype, name in _NAMES.items()}


class TensorFileError(ConverterError):
    """A tensor file that is damaged, or holds what this format or torch cannot."""


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write the tensors as contiguous copies; complex128 becomes F64 with a last dimension of 2."""
    plain = {name: _storable(name, tensor) for name, tensor in tensors.items()}
    ordered = sorted(plain, key=lambda name: (-plain[name].element_size(), name))
    header: dict[str, object] = {}
    offset = 0
    for name in ordered:
        tensor = plain[name]
        end = offset + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in ordered:
            file.write(bytes_of(plain[name]))


def _storable(name: str, tensor: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        plain = tensor.detach().to("cpu")
        if plain.dtype == torch.complex128:
            plain = torch.view_as_real(plain.resolve_conj())
        if plain.dtype not in _NAMES:
            raise TensorFileError(f"`{name}` is {plain.dtype}, which a tensor file cannot hold")
        return plain.resolve_conj().resolve_neg().contiguous()


def bytes_of(tensor: torch.Tensor) -> memoryview:
    """The bytes of a contiguous CPU tensor, not copied; the tensor must outlive them."""
    size = tensor.numel() * tensor.element_size()
    if size == 0:
        return memoryview(b"")
    return memoryview((ctypes.c_ubyte * size).from_address(tensor.data_ptr()))


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """All tensors of a file; TensorFileError when its header lies about its bytes."""
    with path.open("rb") as file:
        size = path.stat().st_size
        prefix = file.read(8)
        if len(prefix) < 8:
            raise TensorFileError(f"`{path.name}` is too short to be a safetensors file")
        (length,) = struct.unpack("<Q", prefix)
        if length > min(MAX_HEADER_BYTES, size - 8):
            raise TensorFileError(f"`{path.name}` says that its header has {length} bytes")
        header = _header(path, file.read(length))
        body = size - 8 - length
        tensors = {}
        for name, entry in header.items():
            dtype, shape, begin, end = _entry(path, name, entry, body)
            file.seek(8 + length + begin)
            tensors[name] = _tensor(bytearray(file.read(end - begin)), dtype, shape)
        return tensors


def _header(path: Path, text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except ValueError as error:
        raise TensorFileError(f"`{path.name}` has no readable safetensors header") from error
    if not isinstance(header, dict):
        raise TensorFileError(f"`{path.name}` has no readable safetensors header")
    header.pop("__metadata__", None)
    return header


def _entry(path: Path, name: str, entry: Any, body: int) -> tuple[torch.dtype, list[int], int, int]:
    """The checked dtype, shape and byte range of one tensor."""
    try:
        kind, shape, (begin, end) = entry["dtype"], list(entry["shape"]), entry["data_offsets"]
        sound = all(type(n) is int and n >= 0 for n in (*shape, begin, end))
    except (KeyError, TypeError, ValueError) as error:
        raise TensorFileError(f"`{path.name}` describes `{name}` badly") from error
    if kind not in _DTYPES:
        raise TensorFileError(f"`{path.name}` has `{name}` in the unknown dtype `{kind}`")
    count = 1
    for size in shape if sound else ():
        count *= size
    dtype = _DTYPES[kind]
    if not sound or not begin <= end <= body or count * dtype.itemsize != end - begin:
        raise TensorFileError(f"`{path.name}` lies about the size of `{name}`")
    return dtype, shape, begin, end


def _tensor(data: bytearray, dtype: torch.dtype, shape: list[int]) -> torch.Tensor:
    if not data:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(data, dtype=dtype).reshape(shape)
