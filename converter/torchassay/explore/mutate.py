"""Proposes calls that differ a little from a given one: other elements, scalars, sizes, or parts of another call."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from torchassay.explore.literals import Literals
from torchassay.explore.space import Space
from torchassay.inputs.call import Call
from torchassay.inputs.draw import float_bounds
from torchassay.inputs.dtypes import dtype_name
from torchassay.inputs.kinds import INTEGER_LIMITS, TensorSpec, ValueDomain

_DONORS = 12
_RENEWAL = 0.02  # how often a donor makes room for a new one


def bounds(space: Space, path: str, tensor: torch.Tensor) -> tuple[float, float] | None:
    """The declared range of an input's elements; None where no alternative fits."""
    name = dtype_name(tensor.dtype)
    for leaf in space.domain.leaves:
        if leaf.path == path:
            for spec in leaf.alternatives:
                if isinstance(spec, TensorSpec) and spec.dtype == name:
                    return _range(spec.values or ValueDomain(), name)
    return None


def _range(values: ValueDomain, dtype: str) -> tuple[float, float]:
    if dtype == "bool":
        return 0.0, 1.0
    if dtype not in INTEGER_LIMITS:
        return float_bounds(values, dtype)
    least, most = INTEGER_LIMITS[dtype]
    return float(least if values.lo is None else values.lo), float(most if values.hi is None else values.hi)


class Mutator:
    """Draws changes by chance; constants of the source are preferred to any number."""

    def __init__(self, space: Space, literals: Literals) -> None:
        self._space = space
        self._rng = space.rng
        self._numbers = [float(number) for number in literals.numbers] or [0.0, 1.0]
        self._texts = literals.texts
        self._donors: list[Call] = []

    def mutate(self, call: Call, jumps: Sequence[float] = ()) -> Call | None:
        """A legal call near `call`; None where the change was not legal. `jumps` are steps that may close a gap."""
        kinds = [self._element] * 6 if self._space.tensors(call) else []
        kinds += [self._scalar] * 3 if self._space.scalars(call) else []
        kinds += [self._size] if self._space.domain.symbols else []
        kinds += [self._borrow]
        changed: Call | None = call
        for _ in range(1 if self._rng.random() < 0.75 else 2):
            if changed is not None:
                changed = self._rng.choice(kinds)(changed, jumps)
        return changed

    def _element(self, call: Call, jumps: Sequence[float]) -> Call | None:
        tensors = self._space.tensors(call)
        if not tensors:
            return None
        path, tensor = self._rng.choice(tensors)
        if tensor.is_complex():
            return None
        flat = tensor.detach().reshape(-1).clone()
        for index in self._places(flat.numel()):
            flat[index] = self._value(path, tensor, flat, index, jumps)
        value = flat.reshape(tensor.shape).requires_grad_(tensor.requires_grad)
        return self._space.replaced(call, {path: value})

    def _places(self, count: int) -> list[int]:
        """Mostly one element, sometimes two, rarely many."""
        dice = self._rng.random()
        wanted = 1 if dice < 0.65 else 2 if dice < 0.85 else self._rng.randint(1, max(1, min(count, 64)))
        return self._rng.sample(range(count), min(wanted, count))

    def _value(self, path: str, tensor: torch.Tensor, flat: torch.Tensor, index: int, jumps: Sequence[float]) -> float | bool:
        old = flat[index].item()
        if isinstance(old, bool):
            return not old
        whole = not tensor.is_floating_point()
        number = self._number(float(old), flat, jumps, whole)
        span = bounds(self._space, path, tensor)
        if span is not None and math.isfinite(number):
            number = min(max(number, span[0]), span[1])
        return int(number) if whole and math.isfinite(number) else number

    def _number(self, old: float, flat: torch.Tensor, jumps: Sequence[float], whole: bool) -> float:
        rng = self._rng
        dice = rng.random()
        if dice < 0.3:
            return rng.choice(self._numbers)
        if dice < 0.5 and jumps:
            return old + rng.choice((-1.0, 1.0)) * rng.choice(list(jumps))
        if dice < 0.65:
            step = 2.0 ** rng.randint(0, 6) if whole else 10.0 ** rng.uniform(-4, 1)
            return old + rng.choice((-step, step))
        if dice < 0.8:
            return float(flat[rng.randrange(flat.numel())]) + (rng.choice((-1.0, 0.0, 1.0)) if whole else 0.0)
        if dice < 0.9:
            return rng.choice((0.0, 1.0, -old))
        return self._drawn(flat, old)

    def _drawn(self, flat: torch.Tensor, old: float) -> float:
        """Any legal number: an element of some other call's tensor of the kind."""
        alike = [tensor for _, tensor in self._space.tensors(self._donor()) if tensor.dtype == flat.dtype]
        if not alike:
            return old
        chosen = self._rng.choice(alike).detach().reshape(-1)
        return float(chosen[self._rng.randrange(chosen.numel())])

    def _scalar(self, call: Call, jumps: Sequence[float]) -> Call | None:
        scalars = self._space.scalars(call)
        if not scalars:
            return None
        path, value = self._rng.choice(scalars)
        if isinstance(value, bool):
            return self._space.replaced(call, {path: not value})
        if isinstance(value, str):
            return self._space.replaced(call, {path: self._rng.choice(self._texts)}) if self._texts else None
        number = self._number(float(value), torch.tensor([float(value)]), jumps, isinstance(value, int))
        if not math.isfinite(number):
            return None
        return self._space.replaced(call, {path: int(number) if isinstance(value, int) else number})

    def _size(self, call: Call, jumps: Sequence[float]) -> Call | None:  # noqa: ARG002 - changes are called alike
        """Another size of one symbol, with values like the example's."""
        space = self._space
        name = self._rng.choice(list(space.domain.symbols))
        sizes = {**space.sizes, **space.sizes_of(call)}
        sizes[name] = self._other_size(name, sizes[name])
        return space.domain.sample(
            self._rng, sizes=sizes, alternatives=space.choices, values=self._rng.choice(("example", "random"))
        )

    def _other_size(self, name: str, size: int) -> int:
        span = self._space.domain.symbols[name]
        stepped = size + span.step * self._rng.choice((-1, 1)) * 2 ** self._rng.randint(0, 5)
        legal = self._rng.random() < 0.7 and stepped <= span.reach and span.admits(stepped)
        return stepped if legal else self._space.random_size(name)

    def _borrow(self, call: Call, jumps: Sequence[float]) -> Call | None:  # noqa: ARG002
        """One input of another call in place of this one's."""
        donor = self._donor()
        shapes = dict(self._space.tensors(call))
        found = [(path, other) for path, other in self._space.tensors(donor)
                 if path in shapes and other.shape == shapes[path].shape and other.dtype == shapes[path].dtype]  # fmt: skip
        if not found:
            return None
        path, value = self._rng.choice(found)
        return self._space.replaced(call, {path: value})

    def _donor(self) -> Call:
        if len(self._donors) < _DONORS or self._rng.random() < _RENEWAL:
            self._donors = [*self._donors[-_DONORS + 1 :], self._space.random_call()]
        return self._rng.choice(self._donors)
