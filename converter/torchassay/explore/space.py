"""Proposes legal calls, from the cheapest and most telling to the random: values, sizes, alternatives, sequences."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from torchassay.explore import patterns
from torchassay.explore.literals import Literals
from torchassay.inputs import tree
from torchassay.inputs.call import Call
from torchassay.inputs.domain import ABSENT, Domain
from torchassay.inputs.draw import MODES
from torchassay.inputs.kinds import TensorSpec

_EXHAUSTIVE_SIZES = 2048
_EXHAUSTIVE_ALTERNATIVES = 128
_ENUMERATED = 1024
_LAYOUTS = 8
_LITERAL_SIZES = 60


@dataclass(frozen=True, slots=True)
class Attempt:
    """Calls to try on one fresh model, and what was varied to make them."""

    calls: tuple[Call, ...]
    cause: str
    label: str
    seed: int = 0


class Space:
    """A domain with a random generator of its own, so that the same seed proposes the same calls."""

    def __init__(self, domain: Domain, seed: int) -> None:
        self.domain = domain
        self.rng = random.Random(seed)
        self.example = domain.examples[0]
        self.sizes = domain.example_sizes()
        self.dense = _EXHAUSTIVE_SIZES  # how many sizes of one symbol may be run one by one
        self.choices = self._example_choices()

    def _example_choices(self) -> dict[str, int]:
        """Which alternative the example shows at each place."""
        chosen: dict[str, int] = {}
        for path in self.domain.optional():
            chosen[path] = 0 if self._holds(path) else ABSENT
        for leaf in self.domain.leaves:
            if len(leaf.alternatives) > 1:
                chosen.setdefault(leaf.path, self._shown(leaf.path, len(leaf.alternatives)))
        return chosen

    def _holds(self, path: str) -> bool:
        try:
            self.domain.leaf(self.example, path)
        except tree.PathError:
            return False
        return True

    def _shown(self, path: str, count: int) -> int:
        for index in range(count):
            call = self._sample(self.sizes, {**self.choices_so_far(), path: index}, "example")
            if call is not None and self._same_kind(call, path):
                return index
        return 0

    def choices_so_far(self) -> dict[str, int]:
        return getattr(self, "choices", {})

    def _same_kind(self, call: Call, path: str) -> bool:
        try:
            ours, shown = self.domain.leaf(call, path), self.domain.leaf(self.example, path)
        except tree.PathError:
            return False
        if isinstance(ours, torch.Tensor) and isinstance(shown, torch.Tensor):
            same = ours.dtype == shown.dtype and ours.dim() == shown.dim()
            return same and ours.requires_grad == shown.requires_grad and ours.stride() == shown.stride()
        return type(ours) is type(shown)

    def _sample(self, sizes: Mapping[str, int], choices: Mapping[str, int], mode: str) -> Call | None:
        variant = 0 if len(self.domain.variants) == 1 else None
        return self.domain.sample(self.rng, sizes=sizes, alternatives=choices, values=mode, variant=variant)

    def legal(self, call: Call) -> bool:
        return self.domain.contains(call) is None

    # Stages, cheapest first.

    def examples(self) -> Iterator[Attempt]:
        for call in self.domain.examples:
            yield Attempt((call,), "value", "example")

    def values(self) -> Iterator[Attempt]:
        """The example's sizes, every kind of values: in all inputs at once, then in one input at a time."""
        for mode in (*MODES, "random", "normal", "mixed", "random", "constant", "random"):
            if mode != "example":
                yield from self._one(self.sizes, self.choices, mode, "value")
        for leaf in self._varying():
            for mode in ("zeros", "ones", "negative", "large", "lo", "hi", "random", "nan"):
                call = self._sample(self.sizes, self.choices, mode)
                if call is not None:
                    yield from self._with_part(call, leaf)
        yield from self._patterns(self.example)
        yield from self._pairs(self.random_call())  # the example's own values need not be legal in another input

    def layouts(self) -> Iterator[Attempt]:
        """The example with one input in another order in memory, which shows what depends on it.

        No spec declares such an order and no bundle holds one, so this is no counterexample.
        """
        for path, tensor in self.tensors(self.example)[:_LAYOUTS]:
            if tensor.dim() > 1 and tensor.is_contiguous():
                turned = tensor.detach().transpose(0, -1).contiguous().transpose(0, -1)
                if not turned.is_contiguous():
                    call = self.domain.with_leaf(self.example, path, turned.requires_grad_(tensor.requires_grad))
                    yield Attempt((call,), "layout", path)

    def _varying(self) -> list[str]:
        return [leaf.path for leaf in self.domain.leaves if leaf.varies]

    def _with_part(self, donor: Call, path: str) -> Iterator[Attempt]:
        """The example with one leaf from another call."""
        try:
            value = self.domain.leaf(donor, path)
            call = self.domain.with_leaf(self.example, path, value)
        except tree.PathError:
            return
        if self.legal(call):
            yield Attempt((call,), "value", f"values of {path}")

    def _patterns(self, base: Call) -> Iterator[Attempt]:
        """Structured values: sorted, one-hot, all equal but one; and pairs of inputs."""
        for path, tensor in self.tensors(base):
            for label, value in patterns.shapes_of_values(tensor, self.rng):
                yield from self._replaced(base, {path: value}, f"{label} {path}")
        yield from self._pairs(base)

    def _pairs(self, base: Call) -> Iterator[Attempt]:
        """Equal and identical inputs."""
        pairs = itertools.combinations(self.tensors(base), 2)
        for (one, first), (other, second) in itertools.islice(pairs, 12):
            if first.shape == second.shape and first.dtype == second.dtype:
                yield from self._replaced(base, {other: first.clone()}, f"equal {one} {other}")
                yield from self._replaced(base, {other: first}, f"identical {one} {other}")
            if first is second:
                yield from self._replaced(base, {other: second.clone()}, f"separate {one} {other}")

    def tensors(self, call: Call) -> list[tuple[str, torch.Tensor]]:
        """The strided tensors of a call that may vary, by path."""
        found: list[tuple[str, torch.Tensor]] = []
        for path in self._varying():
            try:
                value = self.domain.leaf(call, path)
            except tree.PathError:
                continue
            if isinstance(value, torch.Tensor) and value.layout == torch.strided and value.numel() > 0:
                found.append((path, value))
        return found

    def scalars(self, call: Call) -> list[tuple[str, bool | int | float | str]]:
        """The arguments that are plain values and may vary, by path."""
        found: list[tuple[str, bool | int | float | str]] = []
        for path in self._varying():
            try:
                value = self.domain.leaf(call, path)
            except tree.PathError:
                continue
            if isinstance(value, bool | int | float | str):
                found.append((path, value))
        return found

    def replaced(self, base: Call, changes: Mapping[str, object]) -> Call | None:
        """A call with other leaves; None when the domain does not allow it."""
        call = base
        try:
            for path, value in changes.items():
                call = self.domain.with_leaf(call, path, value)
        except tree.PathError:
            return None
        return call if self.legal(call) else None

    def _replaced(self, base: Call, changes: Mapping[str, object], label: str) -> Iterator[Attempt]:
        call = self.replaced(base, changes)
        if call is not None:
            yield Attempt((call,), "value", label)

    def _one(self, sizes: Mapping[str, int], choices: Mapping[str, int], mode: str, cause: str) -> Iterator[Attempt]:
        call = self._sample(sizes, choices, mode)
        if call is not None:
            yield Attempt((call,), cause, f"{mode} values")

    def size_plans(self) -> tuple[list[dict[str, int]], bool]:
        """Combinations of sizes to try, the example's neighbourhood first; and whether they are all there are."""
        spans = self.domain.symbols
        if not spans:
            return [], True
        plans = [{**self.sizes, name: size} for name, span in spans.items() for size in span.interesting()]
        plans += [{name: getattr(span, pick) for name, span in spans.items()} for pick in ("lo", "last")]
        counts = [(span.last - span.lo) // span.step + 1 for span in spans.values()]
        complete = math.prod(counts) <= min(_EXHAUSTIVE_SIZES, self.dense) and not any(span.open for span in spans.values())
        if complete:
            ranges = [range(span.lo, span.last + 1, span.step) for span in spans.values()]
            plans += [dict(zip(spans, sizes, strict=True)) for sizes in itertools.product(*ranges)]
        else:
            plans += self._partial_plans()
        return _unique(plans), complete

    def _partial_plans(self) -> list[dict[str, int]]:
        """Every size of one symbol where those are few; pairs of interesting sizes; some by chance."""
        spans = self.domain.symbols
        plans = []
        enumerated = self.complete_symbols()
        for name, span in spans.items():
            sizes = range(span.lo, span.last + 1, span.step)
            plans += [{**self.sizes, name: size} for size in (sizes if name in enumerated else sizes[:24])]
        for one, other in itertools.islice(itertools.combinations(spans, 2), 10):
            pairs = itertools.product(spans[one].interesting(), spans[other].interesting())
            plans += [{**self.sizes, one: a, other: b} for a, b in pairs]
        for _ in range(24):
            plans.append({name: self.random_size(name) for name in spans})
        return plans

    def complete_symbols(self) -> tuple[str, ...]:
        """The symbols few enough in sizes that each of them is run."""
        limit = min(self.dense, _ENUMERATED)
        spans = self.domain.symbols.items()
        return tuple(name for name, span in spans if not span.open and (span.last - span.lo) // span.step + 1 <= limit)

    def random_size(self, name: str) -> int:
        span = self.domain.symbols[name]
        return span.lo + span.step * self.rng.randint(0, (span.last - span.lo) // span.step)

    def literal_sizes(self, literals: Literals) -> Iterator[Attempt]:
        """Constants of the source as sizes, for the symbols of which not every size is run."""
        enumerated = self.complete_symbols()
        for name, span in self.domain.symbols.items():
            wanted = literals.integers(span.lo, span.reach) if name not in enumerated else []
            for size in wanted[:_LITERAL_SIZES]:
                if span.admits(size):
                    yield from self._one({**self.sizes, name: size}, self.choices, "example", "shape")

    def sizes_of(self, call: Call) -> dict[str, int]:
        """The sizes that a call gives to the symbols."""
        found: dict[str, int] = {}
        tensors = dict(self.tensors(call))
        for leaf in self.domain.leaves:
            if leaf.path in tensors:
                found |= _bound_sizes(leaf.alternatives, tensors[leaf.path])
        return found

    def sizes_alone(self) -> Iterator[Attempt]:
        """The sizes to try, each once."""
        for sizes in self.size_plans()[0]:
            yield from self._one(sizes, self.choices, "example", "shape")

    def shapes(self) -> Iterator[Attempt]:
        """The same sizes with other values."""
        for sizes in self.size_plans()[0][:64]:
            for mode in ("random", "ones"):
                yield from self._one(sizes, self.choices, mode, "shape")

    def choice_plans(self) -> tuple[list[dict[str, int]], bool]:
        """Every alternative of each place alone, then combinations; and whether they are all there are."""
        options: dict[str, list[int]] = {}
        optional = set(self.domain.optional())
        for leaf in self.domain.leaves:
            if len(leaf.alternatives) > 1:
                options[leaf.path] = list(range(len(leaf.alternatives)))
        for path in optional:
            options[path] = [ABSENT, *options.get(path, [0])]
        for path in self._mixed_places():
            options[path] = [*options.get(path, [0]), max(options.get(path, [0])) + 1]
        plans = [{**self.choices, path: index} for path, indices in options.items() for index in indices]
        complete = math.prod(len(indices) for indices in options.values()) <= _EXHAUSTIVE_ALTERNATIVES
        if complete:
            plans += [dict(zip(options, picked, strict=True)) for picked in itertools.product(*options.values())]
        else:
            plans += [{path: self.rng.choice(indices) for path, indices in options.items()} for _ in range(64)]
        return _unique(plans), complete

    def _mixed_places(self) -> list[str]:
        """Places that may be a leaf or a container."""
        from torchassay.inputs.template import Choice

        return [node.path for variant in self.domain.variants for node in variant.arguments.values()
                if isinstance(node, Choice)]  # fmt: skip

    @property
    def has_alternatives(self) -> bool:
        """Whether anything but sizes and values may differ."""
        return len(self.choice_plans()[0]) > 1 or len(self.domain.variants) > 1

    def alternatives(self) -> Iterator[Attempt]:
        if not self.has_alternatives:
            return
        plans, _ = self.choice_plans()
        for mode in ("example", "random", "ones", "large", "negative", "normal"):
            for choices in plans:
                yield from self._one(self.sizes, choices, mode, "alternative")
        for choices in plans[:32]:
            for sizes in self.size_plans()[0][:8]:
                yield from self._one(sizes, choices, "random", "alternative")

    def sequences(self) -> Iterator[Attempt]:
        """Repeated and alternating calls."""
        example = self.example
        others = [call for call in (self._sample(self.sizes, self.choices, "random") for _ in range(3)) if call]
        for count in (2, 3):
            yield Attempt((example,) * count, "state", f"{count} equal calls")
        for other in others:
            yield Attempt((example, other), "state", "two calls")
            yield Attempt((other, example), "state", "two calls")
            yield Attempt((other, example, other), "state", "three calls")
        for sizes in self.size_plans()[0][:12]:
            resized = self._sample(sizes, self.choices, "random")
            if resized is not None:
                yield Attempt((example, resized), "state", "two sizes")
                yield Attempt((resized, example), "state", "two sizes")
        yield from self._mode_changes(example)

    def _mode_changes(self, example: Call) -> Iterator[Attempt]:
        for choices in self.choice_plans()[0][:8]:
            other = self._sample(self.sizes, choices, "random")
            if other is not None:
                yield Attempt((other, example), "state", "two kinds of call")

    def long_sequences(self) -> Iterator[Attempt]:
        """For models that are known to keep state: counters that act late, caches that fill, patterns."""
        example = self.example
        for count in (4, 5, 8, 10, 16, 32, 64, 128, 256):
            yield Attempt((example,) * count, "state", f"{count} equal calls")
        for count in (4, 8, 16, 32):
            calls = [self.random_call() for _ in range(count)]
            yield Attempt(tuple(calls), "state", f"{count} random calls")
        for mode in ("zeros", "negative", "large", "ones", "hi", "lo"):
            call = self._sample(self.sizes, self.choices, mode)
            if call is not None:
                yield Attempt((call,) * 8, "state", f"8 calls with {mode} values")
                yield Attempt((example, call) * 4, "state", f"alternating with {mode} values")

    def chances(self) -> Iterator[Attempt]:
        """The example under many seeds, alone and repeated."""
        for count in (1, 4, 16):
            for seed in range(1, 13):
                yield Attempt((self.example,) * count, "random", f"{count} calls, seed {seed}", seed)

    def contrasting(self) -> tuple[Call, ...]:
        """A few calls with the example's sizes and very different values."""
        found = (self._sample(self.sizes, self.choices, mode) for mode in ("ones", "positive", "negative", "large"))
        return tuple(call for call in found if call is not None)

    def random_call(self) -> Call:
        mode = self.rng.choice(("random", "random", "normal", "mixed", "example", "constant", "large", "negative"))
        return self.domain.sample(self.rng, values=mode)

    def random_attempts(self, count: int) -> Iterator[Attempt]:
        for _ in range(count):
            yield Attempt((self.random_call(),), "value", "random")

    def literal_calls(self, literals: Literals, count: int) -> list[Call]:
        """Calls with a constant of the source in one input, the first `count` of them."""
        attempts = self.literal_attempts(literals, [self.example])
        return [attempt.calls[0] for attempt in itertools.islice(attempts, count)]

    def literal_attempts(self, literals: Literals, bases: Sequence[Call]) -> Iterator[Attempt]:
        """Constants of the source as inputs: alone in an element, everywhere, and several at once."""
        for base in bases:
            for path, value in self.scalars(base):
                for wanted in patterns.scalar_values(value, literals):
                    yield from self._replaced(base, {path: wanted}, f"{path}={wanted!r}")
            for path, tensor in self.tensors(base):
                for label, filled in patterns.with_literals(tensor, literals, self.rng):
                    yield from self._replaced(base, {path: filled}, f"{label} {path}")


def _bound_sizes(alternatives: Sequence[object], tensor: torch.Tensor) -> dict[str, int]:
    for spec in alternatives:
        if isinstance(spec, TensorSpec) and len(spec.dims) == tensor.dim():
            return {dim.symbol: size for dim, size in zip(spec.dims, tensor.shape, strict=True) if dim.symbol is not None}
    return {}


def _unique(plans: list[dict[str, int]]) -> list[dict[str, int]]:
    return list({tuple(sorted(plan.items())): plan for plan in plans}.values())
