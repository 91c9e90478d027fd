"""Which inputs a tensor depends on, followed through every call that PyTorch dispatches.

A label is `value:x`, `shape:x`, `shape:x[0]`, `rank:x`, `dtype:x`, `device:x`, `layout:x`, `grad:x` (of the input `x`),
or one of `parameter`, `buffer`, `constant`, `random`, `python`. Labels live on storages, so that a view, a slice written
in place and the tensor it belongs to share them; a tensor without a storage carries its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import torch

Labels = frozenset[str]
NOTHING: Labels = frozenset()
_DEPTH = 6


class TaintMap:
    """The labels of the tensors alive in one run."""

    def __init__(self) -> None:
        self._labels: dict[int, Labels] = {}
        self._sizes: dict[int, Labels] = {}
        self._inputs: dict[int, str] = {}
        self._alive: list[object] = []

    def mark_input(self, path: str, tensor: torch.Tensor) -> None:
        """Declares `tensor` to be the input at `path`."""
        self._inputs[id(tensor)] = path
        self._alive.append(tensor)
        self.add(tensor, frozenset((f"value:{path}",)))

    def input_path(self, tensor: torch.Tensor) -> str | None:
        """Returns the path of an input, or None for any other tensor."""
        return self._inputs.get(id(tensor))

    def of(self, tensor: torch.Tensor) -> Labels:
        """Returns what the values of `tensor` depend on."""
        return self._labels.get(_key(tensor), NOTHING)

    def add(self, tensor: torch.Tensor, labels: Labels) -> None:
        """Adds labels to a tensor and to every view of its storage."""
        if labels:
            key = _key(tensor)
            self._labels[key] = self._labels.get(key, NOTHING) | labels

    def put(self, tensor: torch.Tensor, labels: Labels) -> None:
        """Sets the labels of a fresh tensor; whatever had its memory before is forgotten."""
        key = _key(tensor)
        if labels:
            self._labels[key] = labels
        else:
            self._labels.pop(key, None)
        self._sizes.pop(key, None)

    def sizes_depend_on(self, tensor: torch.Tensor, labels: Labels) -> None:
        """Notes that the shape of a tensor follows values, as that of `x.nonzero()` does, or of the view `x[:n]`."""
        if labels:
            self._sizes[_key(tensor)] = self.sizes(tensor) | labels

    def sizes(self, tensor: torch.Tensor) -> Labels:
        """Returns the values that the shape of `tensor` follows."""
        return self._sizes.get(_key(tensor), NOTHING)

    def keys(self, tensors: Iterable[torch.Tensor]) -> frozenset[int]:
        """Returns the storages of some tensors."""
        return frozenset(_key(tensor) for tensor in tensors)

    def facts(self, kind: str, tensor: torch.Tensor, dim: int | None = None) -> Labels:
        """Returns the labels of a fact about `tensor`: its rank, its dtype, one of its sizes."""
        path = self.input_path(tensor)
        if path is not None:
            return frozenset((f"{kind}:{path}" if dim is None else f"{kind}:{path}[{dim}]",))
        return frozenset(relabelled(kind, self.of(tensor))) | (self.sizes(tensor) if kind == "shape" else NOTHING)


def relabelled(kind: str, labels: Labels) -> Iterator[str]:
    """Yields the labels of a derived tensor's fact: it follows the same fact of the inputs behind its values."""
    for label in labels:
        head, _, path = label.partition(":")
        if head == "value":
            yield f"{kind}:{path}"
        elif head == "shape" and kind in ("shape", "layout"):
            yield label


def _key(tensor: torch.Tensor) -> int:
    try:
        return int(tensor.untyped_storage()._cdata)
    except (RuntimeError, NotImplementedError, AttributeError):
        return id(tensor)


def tensors_in(value: object, depth: int = 0) -> Iterator[torch.Tensor]:
    """Yields the tensors in arguments or results, through the usual containers."""
    if isinstance(value, torch.Tensor):
        yield value
    elif depth < _DEPTH:
        if isinstance(value, (list, tuple, set)):
            for part in value:
                yield from tensors_in(part, depth + 1)
        elif isinstance(value, Mapping):
            for part in value.values():
                yield from tensors_in(part, depth + 1)
        elif isinstance(value, slice):
            yield from tensors_in((value.start, value.stop, value.step), depth + 1)
