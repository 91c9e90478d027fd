"""Steers calls towards the side of a condition that no call has reached.

Three ways, cheapest first: put a compared value where the input holds the value it was compared with; follow the
gradient of a float gap; move sizes, scalars and single elements in steps that double while they help.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch

from torchassay.explore.listener import Goal, Heard, Listener, with_floats
from torchassay.explore.probe import Record
from torchassay.explore.space import Space
from torchassay.inputs.call import Call
from torchassay.inputs.draw import float_bounds
from torchassay.inputs.dtypes import dtype_name
from torchassay.inputs.kinds import TensorSpec, ValueDomain

_NEWTON_STEPS = 14
_ELEMENTS = 8
_RESTARTS = 2
_DOUBLINGS = 40
_FACTORS = (1.0, 1.05, 1.5, 3.0, 10.0)


class Director:
    """Pursues goals with a listener; every call that reaches something new is handed to `report`."""

    def __init__(
        self, space: Space, listener: Listener, report: Callable[[Call, Call], None], expired: Callable[[], bool]
    ) -> None:
        self._space = space
        self._listener = listener
        self._report = report
        self._expired = expired
        self._evaluations = 0

    def pursue(self, goal: Goal, evaluations: int) -> bool:
        """Tries to reach one goal within so many runs; true when it was reached."""
        self._listener.attempts[goal] = self._listener.attempts.get(goal, 0) + 1
        self._evaluations = evaluations
        starts = [call for _, call in self._listener.nearest.get(goal, [])]
        starts += [self._space.random_call() for _ in range(_RESTARTS)]
        for call in starts:
            for way in (self._substitute, self._descend, self._climb):
                if way(goal, call):
                    return True
                if self._evaluations <= 0 or self._expired():
                    return False
        return False

    def _distance(self, goal: Goal, call: Call | None, base: Call) -> float:
        """Runs a call; 0 when it reaches the goal, infinite when it no longer comes near it or is illegal."""
        if call is None or self._evaluations <= 0 or self._expired() or not self._space.legal(call):
            return math.inf
        self._evaluations -= 1
        heard = self._listener.hear(call)
        if self._listener.learn(heard):
            self._report(call, base)
        return distance_of(goal, heard.records)

    # Substitution: what was compared is often a value of the input itself.

    def _substitute(self, goal: Goal, call: Call) -> bool:
        heard = self._listener.hear(call)
        for record in [record for record in heard.records if record.site == goal[0]][:24]:
            for old, new in _exchanges(record, goal[1]):
                for candidate in self._exchanged(call, old, new):
                    if self._distance(goal, candidate, call) == 0:
                        return True
            for candidate in self._whole(call, record.tensors):
                if self._distance(goal, candidate, call) == 0:
                    return True
        return any(self._distance(goal, candidate, call) == 0 for candidate in self._special(call))

    def _special(self, call: Call) -> Iterator[Call | None]:
        """NaN and the infinities in single elements, where they are legal."""
        for path, tensor in self._space.tensors(call):
            if tensor.is_floating_point():
                for value in (math.nan, math.inf, -math.inf):
                    if self._space.replaced(call, {path: _with_element(tensor, 0, value)}) is not None:
                        for index in range(min(tensor.numel(), 2 * _ELEMENTS)):
                            yield self._space.replaced(call, {path: _with_element(tensor, index, value)})

    def _whole(self, call: Call, operands: Sequence[torch.Tensor]) -> Iterator[Call | None]:
        """An input of the same shape takes the value that a whole tensor was compared with."""
        for operand in operands:
            for path, tensor in self._space.tensors(call):
                if tensor.numel() == operand.numel() and not torch.equal(tensor.flatten(), operand.flatten()):
                    value = operand.to(tensor.dtype).reshape(tensor.shape).requires_grad_(tensor.requires_grad)
                    yield self._space.replaced(call, {path: value})

    def _exchanged(self, call: Call, old: object, new: object) -> Iterator[Call | None]:
        for path, value in self._space.scalars(call):
            if type(value) is type(new) and (value == old or isinstance(new, str)):
                yield self._space.replaced(call, {path: new})
        if isinstance(new, str) or isinstance(old, str) or not isinstance(new, int | float):
            return
        for path, tensor in self._space.tensors(call):
            if not tensor.is_complex():
                yield from self._in_tensor(call, path, tensor, old, new)

    def _in_tensor(self, call: Call, path: str, tensor: torch.Tensor, old: object, new: float) -> Iterator[Call | None]:
        if isinstance(old, int | float):
            places = (tensor == old).flatten().nonzero().flatten().tolist()
            for place in places[:_ELEMENTS]:
                yield self._space.replaced(call, {path: _with_element(tensor, place, new)})
            if len(places) > 1:
                yield self._space.replaced(call, {path: torch.where(tensor == old, _as(new, tensor), tensor)})

    # Gradient: Newton's steps on the gap.

    def _descend(self, goal: Goal, call: Call) -> bool:
        current = call
        for step in range(_NEWTON_STEPS):
            heard = self._listener.hear(current, gradients=True)
            self._evaluations -= 1
            move = _newton(goal, heard)
            if move is None or self._evaluations <= 0 or self._expired():
                return False
            best = (math.inf, current)
            for factor in _FACTORS if step < 4 else _FACTORS[2:]:
                candidate = self._moved(current, heard.inputs, move, factor)
                distance = self._distance(goal, candidate, call)
                if distance == 0:
                    return True
                if candidate is not None and distance < best[0]:
                    best = (distance, candidate)
            if best[0] == math.inf:
                return False
            current = best[1]
        return False

    def _moved(self, call: Call, inputs: Sequence[torch.Tensor], move: Sequence[torch.Tensor], factor: float) -> Call | None:
        values = [source.detach() + factor * delta for source, delta in zip(inputs, move, strict=True)]
        if not all(bool(value.isfinite().all()) for value in values):
            return None
        return self._projected(with_floats(call, values))

    def _projected(self, call: Call) -> Call:
        """The call with every float moved back into its declared range."""
        for path, tensor in self._space.tensors(call):
            bounds = self._bounds(path, tensor)
            if tensor.is_floating_point() and bounds is not None:
                clamped = tensor.detach().clamp(*bounds).requires_grad_(tensor.requires_grad)
                call = self._space.domain.with_leaf(call, path, clamped)
        return call

    def _bounds(self, path: str, tensor: torch.Tensor) -> tuple[float, float] | None:
        for leaf in self._space.domain.leaves:
            if leaf.path == path:
                for spec in leaf.alternatives:
                    if isinstance(spec, TensorSpec) and spec.dtype == dtype_name(tensor.dtype):
                        return float_bounds(spec.values or ValueDomain(), spec.dtype)
        return None

    # Climbing: alternating variables with doubling steps.

    def _climb(self, goal: Goal, call: Call) -> bool:
        best = self._distance(goal, call, call)
        current = call
        for knob in self._knobs(call):
            for direction in (1, -1):
                current, best = self._along(goal, current, best, knob, direction)
                if best == 0:
                    return True
                if self._evaluations <= 0 or self._expired():
                    return False
        return False

    def _along(
        self, goal: Goal, call: Call, best: float, knob: Callable[[Call, float], Call | None], direction: int
    ) -> tuple[Call, float]:
        """Moves one knob in one direction: doubles while it helps, starts over small when it stops helping."""
        step = 1.0
        for _ in range(_DOUBLINGS):
            candidate = knob(call, direction * step)
            distance = self._distance(goal, candidate, call)
            if distance >= best or candidate is None:
                if step == 1.0:
                    break
                step = 1.0
                continue
            call, best = candidate, distance
            if best == 0:
                break
            step *= 2
        return call, best

    def _knobs(self, call: Call) -> Iterator[Callable[[Call, float], Call | None]]:
        space = self._space
        for name in space.domain.symbols:
            yield lambda base, step, name=name: self._resized(base, name, int(step))  # type: ignore[misc]
        for path, value in space.scalars(call):
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield lambda base, step, path=path: self._stepped(base, path, step)  # type: ignore[misc]
        for path, tensor in space.tensors(call):
            if tensor.is_complex():
                continue
            yield lambda base, step, path=path: self._shifted(base, path, None, step)  # type: ignore[misc]
            count = tensor.numel()
            chosen = range(count) if count <= _ELEMENTS else sorted(space.rng.sample(range(count), _ELEMENTS))
            for index in chosen:
                yield lambda base, step, path=path, index=index: self._shifted(base, path, index, step)  # type: ignore[misc]

    def _resized(self, call: Call, name: str, step: int) -> Call | None:
        sizes = {**self._space.sizes, **self._sizes_of(call)}
        span = self._space.domain.symbols[name]
        wanted = sizes[name] + step * span.step
        if not span.lo <= wanted <= span.last:
            return None
        return self._space.domain.sample(
            self._space.rng, sizes={**sizes, name: wanted}, alternatives=self._space.choices, values="example"
        )

    def _sizes_of(self, call: Call) -> dict[str, int]:
        found: dict[str, int] = {}
        for leaf in self._space.domain.leaves:
            for path, tensor in self._space.tensors(call):
                if path == leaf.path:
                    found |= _bound_sizes(leaf.alternatives, tensor)
        return found

    def _stepped(self, call: Call, path: str, step: float) -> Call | None:
        value = self._space.domain.leaf(call, path)
        assert isinstance(value, int | float)
        return self._space.replaced(call, {path: value + (int(step) if isinstance(value, int) else step)})

    def _shifted(self, call: Call, path: str, index: int | None, step: float) -> Call | None:
        tensor = self._space.domain.leaf(call, path)
        if not isinstance(tensor, torch.Tensor) or tensor.numel() <= (index or 0):
            return None
        if tensor.dtype == torch.bool:
            flipped = ~tensor if index is None else _with_element(tensor, index, not tensor.flatten()[index])
            return self._space.replaced(call, {path: flipped})
        if index is None:
            return self._space.replaced(call, {path: tensor.detach() + _as(step, tensor)})
        value = tensor.flatten()[index].item() + (step if tensor.is_floating_point() else int(step))
        try:
            return self._space.replaced(call, {path: _with_element(tensor, index, value)})
        except (RuntimeError, OverflowError):
            return None


def distance_of(goal: Goal, records: Sequence[Record]) -> float:
    """How far a run stayed from a goal."""
    mine = [record for record in records if record.site == goal[0]]
    if any(record.outcome == goal[1] for record in mine):
        return 0.0
    return min((abs(record.gap) or 1e-12 for record in mine), default=math.inf)


def _newton(goal: Goal, heard: Heard) -> list[torch.Tensor] | None:
    """The shortest step that would bring the nearest gap of the goal's condition to the other side of zero."""
    usable = [record for record in heard.records if record.site == goal[0] and record.target is not None]
    if not usable or not heard.inputs:
        return None
    record = min(usable, key=lambda item: abs(item.gap))
    assert record.target is not None
    try:
        found = torch.autograd.grad(record.target, heard.inputs, allow_unused=True, retain_graph=True)
    except RuntimeError:  # the model wrote into something that the gradient needs
        return None
    slopes = [torch.zeros_like(x) if g is None else g.nan_to_num(0.0) for g, x in zip(found, heard.inputs, strict=True)]
    steepness = sum(float(slope.double().pow(2).sum()) for slope in slopes)
    if steepness == 0 or not math.isfinite(steepness):
        return None
    gap = float(record.target)
    beyond = 1e-4 * (1.0 + abs(gap)) if record.op not in ("==", "!=") else 0.0
    length = (-gap + (beyond if goal[1] else -beyond)) / steepness
    return [slope * length for slope in slopes]


def _exchanges(record: Record, want: bool) -> Iterator[tuple[object, object]]:
    """Pairs of an operand's value and what to put in its place to reach the other side."""
    if record.op is None:
        return
    for left, right in ((record.left, record.right), (record.right, record.left)):
        if left is None or isinstance(left, tuple):
            continue
        members = right if isinstance(right, tuple) else (right,)
        for member in members:
            yield from ((left, value) for value in _near(member, left))


def _near(value: object, like: object) -> Iterator[object]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and isinstance(like, int | float):
        number = type(like)(value) if not isinstance(like, bool) and math.isfinite(value) else value
        yield number
        yield number + 1
        yield number - 1


def _bound_sizes(alternatives: Sequence[object], tensor: torch.Tensor) -> dict[str, int]:
    for spec in alternatives:
        if isinstance(spec, TensorSpec) and len(spec.dims) == tensor.dim():
            return {dim.symbol: size for dim, size in zip(spec.dims, tensor.shape, strict=True) if dim.symbol is not None}
    return {}


def _with_element(tensor: torch.Tensor, index: int, value: object) -> torch.Tensor:
    changed = tensor.detach().clone(memory_format=torch.contiguous_format)
    changed.view(-1)[index] = value  # type: ignore[assignment]
    return changed.requires_grad_(tensor.requires_grad)


def _as(value: float, tensor: torch.Tensor) -> torch.Tensor:
    if not tensor.is_floating_point():
        limits = torch.iinfo(tensor.dtype) if tensor.dtype != torch.bool else None
        value = int(value) if limits is None else min(max(int(value), limits.min), limits.max)
    return torch.tensor(value, dtype=tensor.dtype)
