"""What is in a tensor, as bytes that are equal for equal tensors."""

from __future__ import annotations

import ctypes

import torch


def raw(tensor: torch.Tensor, limit: int) -> bytes | None:
    """The elements in order; None where they do not lie plainly in memory, or are more than `limit`."""
    if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.is_quantized or tensor.numel() > limit:
        return None
    plain = tensor.detach().resolve_conj().resolve_neg().contiguous()
    return ctypes.string_at(plain.data_ptr(), plain.numel() * plain.element_size()) if plain.numel() else b""
