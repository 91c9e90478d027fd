"""The grammar's dtype names and torch's."""

from __future__ import annotations

import torch

TORCH_DTYPES: dict[str, torch.dtype] = {
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "f32": torch.float32,
    "f64": torch.float64,
    "i8": torch.int8,
    "i16": torch.int16,
    "i32": torch.int32,
    "i64": torch.int64,
    "u8": torch.uint8,
    "bool": torch.bool,
    "c64": torch.complex64,
    "c128": torch.complex128,
}
DTYPE_NAMES: dict[torch.dtype, str] = {dtype: name for name, dtype in TORCH_DTYPES.items()}


def dtype_name(dtype: torch.dtype) -> str:
    """`f32` for torch.float32; torch's own name for a dtype that the grammar does not know."""
    return DTYPE_NAMES.get(dtype) or str(dtype).removeprefix("torch.")


def layout_of(tensor: torch.Tensor) -> str | None:
    """`channels_last` where a contiguous tensor of the same sizes would lie otherwise, `grad`, or None."""
    if tensor.requires_grad:
        return "grad"
    return "channels_last" if is_channels_last(tensor) else None


def is_channels_last(tensor: torch.Tensor) -> bool:
    if tensor.layout != torch.strided or tensor.dim() not in (4, 5) or tensor.is_contiguous():
        return False
    form = torch.channels_last if tensor.dim() == 4 else torch.channels_last_3d
    return tensor.is_contiguous(memory_format=form)
