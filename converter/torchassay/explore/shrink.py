"""Makes a counterexample small and readable: fewer calls, the example's own values, small sizes, round numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch

from torchassay.explore.space import Space
from torchassay.inputs import tree
from torchassay.inputs.call import Call

Calls = tuple[Call, ...]
_ROUNDS = 3
_BLOCKS = 64


class Shrinker:
    """Greedy: keeps every simplification after which `still_fails` holds."""

    def __init__(self, space: Space, still_fails: Callable[[Sequence[Call]], bool], expired: Callable[[], bool]) -> None:
        self._space = space
        self._still_fails = still_fails
        self._expired = expired

    def shrink(self, calls: Calls) -> Calls:
        if not self._holds(calls):
            return calls
        calls = self._fewer(calls)
        for index in range(len(calls)):
            calls = self._one(calls, index)
        return calls

    def _holds(self, calls: Calls) -> bool:
        return not self._expired() and self._still_fails(calls)

    def _fewer(self, calls: Calls) -> Calls:
        """Drops calls before the last: first many at a time, then one at a time."""
        size = len(calls) // 2
        while size >= 1 and len(calls) > 1:
            start = 0
            while start + size < len(calls):
                shorter = calls[:start] + calls[start + size :]
                if self._holds(shorter):
                    calls = shorter
                else:
                    start += size
                if self._expired():
                    return calls
            size //= 2
        return calls

    def _one(self, calls: Calls, index: int) -> Calls:
        for _ in range(_ROUNDS):
            before = calls[index]
            for candidate in self._simpler(before):
                changed = (*calls[:index], candidate, *calls[index + 1 :])
                if self._space.legal(candidate) and self._holds(changed):
                    calls = changed
                    break
                if self._expired():
                    return calls
            if calls[index] is before:
                break
        return self._elements(calls, index)

    def _simpler(self, call: Call) -> Iterator[Call]:
        """Whole-call simplifications, the boldest first."""
        space = self._space
        yield space.example
        for path in self._paths(call):
            restored = self._restored(call, path)
            if restored is not None:
                yield restored
        for path, tensor in space.tensors(call):
            for value in _simple_fills(tensor):
                if not _same(value, tensor):
                    changed = space.replaced(call, {path: value})
                    if changed is not None:
                        yield changed

    def _paths(self, call: Call) -> list[str]:
        return [path for path, _ in self._space.tensors(call)] + [path for path, _ in self._space.scalars(call)]

    def _restored(self, call: Call, path: str) -> Call | None:
        """The call with the example's own value at a place, when it differs there and fits."""
        domain = self._space.domain
        try:
            mine, shown = domain.leaf(call, path), domain.leaf(self._space.example, path)
        except tree.PathError:
            return None
        if isinstance(mine, torch.Tensor) and isinstance(shown, torch.Tensor):
            if mine.shape != shown.shape or mine.dtype != shown.dtype or _same(mine, shown):
                return None
        elif mine == shown or type(mine) is not type(shown):
            return None
        return self._space.replaced(call, {path: shown})

    def _elements(self, calls: Calls, index: int) -> Calls:
        """Zeroes blocks of elements, then single ones; then rounds what is left."""
        for path, _ in self._space.tensors(calls[index]):
            calls = self._zero_blocks(calls, index, path)
            for digits in (0, 1, 2):
                rounded = self._rounded(calls, index, path, digits)
                if rounded is not None and self._holds(rounded):
                    calls = rounded
                    break
        return calls

    def _zero_blocks(self, calls: Calls, index: int, path: str) -> Calls:
        tensor = self._space.domain.leaf(calls[index], path)
        assert isinstance(tensor, torch.Tensor)
        count = tensor.numel()
        size = max(1, count // 2)
        for _ in range(_BLOCKS):
            for start in range(0, count, size):
                changed = self._with_zeros(calls, index, path, start, size)
                if changed is not None and self._holds(changed):
                    calls = changed
                if self._expired():
                    return calls
            if size == 1 or count // size > _BLOCKS:
                break
            size = max(1, size // 2)
        return calls

    def _with_zeros(self, calls: Calls, index: int, path: str, start: int, size: int) -> Calls | None:
        tensor = self._space.domain.leaf(calls[index], path)
        assert isinstance(tensor, torch.Tensor)
        changed = tensor.detach().clone(memory_format=torch.contiguous_format)
        block = changed.view(-1)[start : start + size]
        if not bool((block != 0).any()):
            return None
        block.zero_()
        return self._put(calls, index, path, changed.requires_grad_(tensor.requires_grad))

    def _rounded(self, calls: Calls, index: int, path: str, digits: int) -> Calls | None:
        tensor = self._space.domain.leaf(calls[index], path)
        assert isinstance(tensor, torch.Tensor)
        if not tensor.is_floating_point():
            return None
        changed = torch.round(tensor.detach(), decimals=digits)
        if _same(changed, tensor):
            return None
        return self._put(calls, index, path, changed.requires_grad_(tensor.requires_grad))

    def _put(self, calls: Calls, index: int, path: str, value: torch.Tensor) -> Calls | None:
        changed = self._space.replaced(calls[index], {path: value})
        return None if changed is None else (*calls[:index], changed, *calls[index + 1 :])


def _simple_fills(tensor: torch.Tensor) -> Iterator[torch.Tensor]:
    grad = tensor.requires_grad
    yield torch.zeros_like(tensor, requires_grad=False).requires_grad_(grad)
    yield torch.ones_like(tensor, requires_grad=False).requires_grad_(grad)
    if tensor.is_floating_point():
        yield (-torch.ones_like(tensor, requires_grad=False)).requires_grad_(grad)


def _same(left: torch.Tensor, right: torch.Tensor) -> bool:
    return left.shape == right.shape and bool(torch.equal(left, right))
