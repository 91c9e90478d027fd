"""Short texts for values: short enough to show, and equal only where the values are equal."""

from __future__ import annotations

import hashlib
import re

import torch

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # another in every process: it says nothing
_SHOWN = 60
_SAMPLED = 1 << 20
_SHORT = {
    torch.float16: "f16",
    torch.bfloat16: "bf16",
    torch.float32: "f32",
    torch.float64: "f64",
    torch.int8: "i8",
    torch.int16: "i16",
    torch.int32: "i32",
    torch.int64: "i64",
    torch.uint8: "u8",
    torch.bool: "bool",
    torch.complex64: "c64",
    torch.complex128: "c128",
}


def describe(value: object) -> str:
    """Returns `value` as a person would write it; long values end in a digest of the whole, a 0-d array is its value."""
    if isinstance(value, torch.Tensor):
        return describe_tensor(value)
    if type(value).__module__ == "numpy" and hasattr(value, "tobytes"):
        shape = list(getattr(value, "shape", ()))
        return f"array{shape}#{_digest(value.tobytes())}" if shape or not hasattr(value, "item") else repr(value.item())
    if isinstance(value, torch.UntypedStorage) or type(value).__name__.endswith("Storage"):
        return "storage"
    try:
        text = _written(value)
    except Exception:  # a user's class may refuse to be shown
        return type(value).__name__
    text = _ADDRESS.sub("", text)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 12]}…#{_digest(text.encode())}"


def _written(value: object) -> str:
    """As `repr` has it, with tensors of a plain container by their shape."""
    if type(value) is dict and any(isinstance(item, torch.Tensor) for item in value.values()):
        return "{" + ", ".join(f"{key!r}: {_item(item)}" for key, item in value.items()) + "}"
    if type(value) in (list, tuple) and any(isinstance(item, torch.Tensor) for item in value):  # type: ignore[attr-defined]
        return "[" + ", ".join(map(_item, value)) + "]"  # type: ignore[call-overload]
    return repr(value)


def _item(value: object) -> str:
    return describe_tensor(value) if isinstance(value, torch.Tensor) else repr(value)


def describe_tensor(tensor: torch.Tensor) -> str:
    """Returns dtype, shape and a digest of the elements, as in `f32[2, 3]#1a2b3c4d`; a 0-d tensor shows its value."""
    name = _SHORT.get(tensor.dtype, str(tensor.dtype))
    try:
        if tensor.dim() == 0 and tensor.device.type != "meta":
            return repr(tensor.item())
        return f"{name}{list(tensor.shape)}#{fingerprint(tensor)}"
    except (RuntimeError, NotImplementedError, ValueError):
        return f"{name}{list(tensor.shape)}"


def fingerprint(tensor: torch.Tensor) -> str:
    """Returns a digest of a tensor's elements; of very large ones, of a sample and the sum."""
    data = tensor.detach()
    if data.device.type == "meta":
        return "meta"
    if data.layout is not torch.strided:
        data = data.to_dense()
    flat = data.cpu().resolve_conj().contiguous().reshape(-1)
    if flat.numel() > _SAMPLED:
        flat = torch.cat([flat[:: flat.numel() // _SAMPLED + 1], flat.sum(dtype=flat.dtype).reshape(1)])
    return _digest(bytes(flat.view(torch.uint8).numpy())) if _has_numpy() else _digest(str(flat.tolist()).encode())


def _has_numpy() -> bool:
    try:
        import numpy as np  # noqa: F401
    except ImportError:
        return False
    return True


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=4).hexdigest()
