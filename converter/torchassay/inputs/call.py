"""One call of a model: its positional and keyword arguments, and faithful copies of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch

from torchassay.inputs import tree


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call."""

    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)

    def clone(self) -> Call:
        """A deep copy: layout, requires_grad and aliasing between inputs are kept."""
        copier = Copier()
        return Call(
            tuple(copier.copy(value) for value in self.args),
            {name: copier.copy(value) for name, value in self.kwargs.items()},
        )

    def tensors(self) -> Iterator[torch.Tensor]:
        """Every tensor in the arguments, in order."""
        for value in (*self.args, *self.kwargs.values()):
            for _, leaf in tree.walk(value):
                if isinstance(leaf, torch.Tensor):
                    yield leaf

    @property
    def requires_grad(self) -> bool:
        return any(tensor.requires_grad for tensor in self.tensors())


class Copier:
    """Copies nested values; tensors that shared storage before share one afterwards."""

    def __init__(self) -> None:
        self._tensors: dict[int, torch.Tensor] = {}
        self._storages: dict[int, torch.UntypedStorage] = {}
        self._alive: list[object] = []

    def copy(self, value: object) -> object:
        return tree.transform(value, lambda _, leaf: self._leaf(leaf))

    def _leaf(self, leaf: object) -> object:
        if not isinstance(leaf, torch.Tensor):
            return leaf
        if id(leaf) not in self._tensors:
            self._alive.append(leaf)
            self._tensors[id(leaf)] = self._tensor(leaf)
        return self._tensors[id(leaf)]

    def _tensor(self, tensor: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            twin = self._view(tensor) if _is_plain(tensor) else tensor.detach().clone()
        return twin.requires_grad_(tensor.requires_grad)

    def _view(self, tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        key = storage.data_ptr() or id(tensor)
        if key not in self._storages:
            self._storages[key] = storage.clone()
        twin = torch.empty(0, dtype=tensor.dtype, device=tensor.device)
        twin.set_(self._storages[key], tensor.storage_offset(), tensor.size(), tensor.stride())
        return twin


def _is_plain(tensor: torch.Tensor) -> bool:
    """Whether the tensor is nothing but a strided window on a storage."""
    return (
        type(tensor) in (torch.Tensor, torch.nn.Parameter)
        and tensor.layout == torch.strided
        and not tensor.is_quantized
        and tensor.device.type != "meta"
        and not tensor.is_conj()
        and not tensor.is_neg()
    )
