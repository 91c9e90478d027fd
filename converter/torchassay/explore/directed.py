"""Steers calls towards the side of a condition that no call has reached.

Three ways, cheapest first: put a compared value where the input holds the value it was compared with; follow the
gradient of a float gap; move sizes, scalars and single elements in steps that double while they help. Where a gap jumps
about, as that of a remainder or a hash does, none of them helps: a sweep runs every value of one whole number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch

from torchassay.explore.approach import NOWHERE, REACHED, Aim, Fitness, aim_at
from torchassay.explore.listener import Goal, Heard, Listener, movable, with_floats
from torchassay.explore.mutate import bounds
from torchassay.explore.probe import Record
from torchassay.explore.space import Space
from torchassay.inputs.call import Call

Path = tuple[Goal, ...]
_NEWTON_STEPS = 40
_BISECTIONS = 3
_HALVINGS = 40
_ELEMENTS = 8
_MOVED = 64  # elements that are put at the ends of their range
_RANGE = 1e9  # a wider one has no ends worth trying
_RESTARTS = 2
_EVALUATIONS = 2 * _MOVED + 80  # for one start by chance
_DOUBLINGS = 40
_SWEPT = 2048  # values of one whole number
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
        self._aim = Aim((-1, False), ())

    def pursue(self, goal: Goal, evaluations: int) -> bool:
        """Tries to reach one goal within so many runs; true when it was reached."""
        self._listener.attempts[goal] = self._listener.attempts.get(goal, 0) + 1
        self._evaluations = evaluations
        starts = [call for _, call in self._listener.nearest.get(goal, [])]
        starts += [self._space.random_call() for _ in range(_RESTARTS)]
        self._aim = aim_at(goal, self._listener.hear(starts[0]).records)
        for call in starts:
            for way in (self._substitute, self._descend, self._climb):
                if way(goal, call):
                    return True
                if self._evaluations <= 0 or self._expired():
                    return False
        return False

    def restart(self, goal: Goal, starts: int) -> bool:
        """Follows the gradient, or else goes to the ends of ranges, from as many calls drawn by chance; true when reached."""
        for _ in range(starts):
            if self._expired():
                return False
            call = self._space.random_call()
            heard = self._listener.hear(call)
            if not any(record.site == goal[0] for record in heard.records):
                continue
            self._aim, self._evaluations = aim_at(goal, heard.records), _EVALUATIONS
            best = self._fitness(call, call)
            if REACHED in (best, self._to_ends(call, best)[1]) or self._descend(goal, call):
                return True
        return False

    def sweep(self, goal: Goal, evaluations: int) -> bool:
        """Tries every value of one whole number after another, the others as in a call that came near the goal."""
        near = self._listener.nearest.get(goal, [])
        if not near:
            return False
        self._evaluations, call = evaluations, near[0][1]
        self._aim = aim_at(goal, self._listener.hear(call).records)
        for candidate in self._each_value(call):
            if self._fitness(candidate, call) == REACHED:
                return True
            if self._evaluations <= 0 or self._expired():
                return False
        return False

    def _each_value(self, call: Call) -> Iterator[Call | None]:
        for path, tensor in self._space.tensors(call):
            span = None if tensor.is_floating_point() or tensor.is_complex() else bounds(self._space, path, tensor)
            if span is None or tensor.dtype == torch.bool or not 1 < span[1] - span[0] < _SWEPT:
                continue
            for index in range(min(tensor.numel(), _ELEMENTS)):
                for number in range(int(span[0]), int(span[1]) + 1):
                    yield self._space.replaced(call, {path: _with_element(tensor, index, number)})

    def _fitness(self, call: Call | None, base: Call) -> Fitness:
        """Runs a call; how near it comes to the goal, and nowhere when it is illegal."""
        return self._look(call, base)[0]

    def _look(self, call: Call | None, base: Call) -> tuple[Fitness, Path]:
        """The same, with the outcomes of all conditions."""
        if call is None or self._evaluations <= 0 or self._expired() or not self._space.legal(call):
            return NOWHERE, ()
        self._evaluations -= 1
        heard = self._listener.hear(call)
        if self._listener.learn(heard):
            self._report(call, base)
        return self._aim.fitness(heard.records), heard.path

    # Substitution: what was compared is often a value of the input itself.

    def _substitute(self, goal: Goal, call: Call) -> bool:
        heard = self._listener.hear(call)
        for record in [record for record in heard.records if record.site == goal[0]][:24]:
            for old, new in _exchanges(record, goal[1]):
                for candidate in self._exchanged(call, old, new):
                    if self._fitness(candidate, call) == REACHED:
                        return True
            for candidate in self._whole(call, record.tensors):
                if self._fitness(candidate, call) == REACHED:
                    return True
        return any(self._fitness(candidate, call) == REACHED for candidate in self._special(call))

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

    def _descend(self, goal: Goal, call: Call) -> bool:  # noqa: ARG002 - every way is called alike
        """Follows the gap of whatever stops a run on its way: the goal's own, or a condition before it that has turned."""
        current, bisections = call, _BISECTIONS
        best, path = self._look(call, call)
        for step in range(_NEWTON_STEPS):
            heard = self._listener.hear(current, gradients=True)
            self._evaluations -= 1
            move = _newton(self._aim, heard)
            if best == REACHED or move is None or self._evaluations <= 0 or self._expired():
                return best == REACHED
            before, came_by = current, path
            best, path, current = self._best_of(current, heard.inputs, move, _FACTORS if step < 4 else _FACTORS[2:])
            if best == NOWHERE:
                return False
            if best != REACHED and path != came_by and bisections > 0:
                bisections -= 1
                if self._bisect(before, current, came_by):
                    return True
        return best == REACHED

    def _best_of(
        self, call: Call, inputs: Sequence[torch.Tensor], move: Sequence[torch.Tensor], factors: Sequence[float]
    ) -> tuple[Fitness, Path, Call]:
        """The best of a step and longer ones; the first that reaches the goal ends the trial."""
        best: tuple[Fitness, Path, Call] = (NOWHERE, (), call)
        for factor in factors:
            candidate = self._moved(call, inputs, move, factor)
            fitness, path = self._look(candidate, call)
            if candidate is not None and fitness < best[0]:
                best = (fitness, path, candidate)
            if fitness == REACHED:
                break
        return best

    def _bisect(self, one: Call, other: Call, path: Path) -> bool:
        """Between two calls that take different paths there may be a narrow third: halves the distance towards it."""
        for _ in range(_HALVINGS):
            middle = _between(one, other)
            fitness, taken = self._look(middle, one)
            if fitness == REACHED or middle is None:
                return fitness == REACHED
            if taken == path:
                one = middle
            else:
                other = middle
        return False

    def _moved(self, call: Call, inputs: Sequence[torch.Tensor], move: Sequence[torch.Tensor], factor: float) -> Call | None:
        values = [source.detach() + factor * delta for source, delta in zip(inputs, move, strict=True)]
        if not all(bool(value.isfinite().all()) for value in values):
            return None
        return self._projected(with_floats(call, values))

    def _projected(self, call: Call) -> Call:
        """The call with every float moved back into its declared range."""
        for path, tensor in self._space.tensors(call):
            span = bounds(self._space, path, tensor)
            if tensor.is_floating_point() and span is not None:
                clamped = tensor.detach().clamp(*span).requires_grad_(tensor.requires_grad)
                call = self._space.domain.with_leaf(call, path, clamped)
        return call

    # Climbing: alternating variables with doubling steps.

    def _climb(self, goal: Goal, call: Call) -> bool:  # noqa: ARG002
        best = self._fitness(call, call)
        current = call
        for knob in self._knobs(call):
            for direction in (1, -1):
                current, best = self._along(current, best, knob, direction)
                if best == REACHED:
                    return True
                if self._evaluations <= 0 or self._expired():
                    return False
        return False

    def _to_ends(self, call: Call, best: Fitness) -> tuple[Call, Fitness]:
        """Puts one element after another at an end of its range, and leaves it where that brings the call nearer."""
        for path, tensor in self._space.tensors(call):
            span = bounds(self._space, path, tensor)
            if span is None or tensor.is_complex() or tensor.dtype == torch.bool or span[1] - span[0] > _RANGE:
                continue
            for index in range(min(tensor.numel(), _MOVED)):
                for end in span:
                    held = self._space.domain.leaf(call, path)
                    assert isinstance(held, torch.Tensor)
                    candidate = self._space.replaced(call, {path: _with_element(held, index, end)})
                    fitness = self._fitness(candidate, call)
                    if candidate is not None and fitness < best:
                        call, best = candidate, fitness
                    if best == REACHED or self._evaluations <= 0 or self._expired():
                        return call, best
        return call, best

    def _along(
        self, call: Call, best: Fitness, knob: Callable[[Call, float], Call | None], direction: int
    ) -> tuple[Call, Fitness]:
        """Moves one knob in one direction: doubles while it helps, starts over small when it stops helping."""
        step = 1.0
        for _ in range(_DOUBLINGS):
            candidate = knob(call, direction * step)
            fitness = self._fitness(candidate, call)
            if fitness >= best or candidate is None:
                if step == 1.0:
                    break
                step = 1.0
                continue
            call, best = candidate, fitness
            if best == REACHED:
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
        sizes = {**self._space.sizes, **self._space.sizes_of(call)}
        span = self._space.domain.symbols[name]
        wanted = sizes[name] + step * span.step
        if not span.lo <= wanted <= span.reach:
            return None
        return self._space.domain.sample(
            self._space.rng, sizes={**sizes, name: wanted}, alternatives=self._space.choices, values="example"
        )

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


def _newton(aim: Aim, heard: Heard) -> list[torch.Tensor] | None:
    """The shortest step that would bring the gap of what fails to the other side of zero."""
    failing = aim.failing([record for record in heard.records if record.site != aim.goal[0] or record.target is not None])
    if failing is None or failing[0].target is None or not heard.inputs:
        return None
    record, wanted = failing
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
    length = (-gap + (beyond if wanted else -beyond)) / steepness
    return [slope * length for slope in slopes]


def _between(one: Call, other: Call) -> Call | None:
    """Halfway between two calls that differ in floats alone; None where no number is left between them."""
    pairs = [(a, b) for a, b in zip(one.tensors(), other.tensors(), strict=True) if movable(a)]
    middle = [a.detach() + (b.detach() - a.detach()) / 2 for a, b in pairs]
    new = any(bool(((m != a) & (m != b)).any()) for m, (a, b) in zip(middle, pairs, strict=True))
    return with_floats(one, middle) if new else None


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


def _with_element(tensor: torch.Tensor, index: int, value: object) -> torch.Tensor:
    changed = tensor.detach().clone(memory_format=torch.contiguous_format)
    changed.view(-1)[index] = value  # type: ignore[assignment]
    return changed.requires_grad_(tensor.requires_grad)


def _as(value: float, tensor: torch.Tensor) -> torch.Tensor:
    if not tensor.is_floating_point():
        limits = torch.iinfo(tensor.dtype) if tensor.dtype != torch.bool else None
        value = int(value) if limits is None else min(max(int(value), limits.min), limits.max)
    return torch.tensor(value, dtype=tensor.dtype)
