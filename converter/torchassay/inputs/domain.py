"""The legal calls of a model: what the examples show, widened by the input specs."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from torchassay.base.closest import closest
from torchassay.base.errors import UsageError
from torchassay.inputs import template, tree
from torchassay.inputs.builder import ABSENT, Builder
from torchassay.inputs.call import Call
from torchassay.inputs.kinds import (
    Dim,
    InputSpec,
    TensorSpec,
    ValueSpec,
)
from torchassay.inputs.membership import Membership
from torchassay.inputs.parameters import Parameters
from torchassay.inputs.sizes import SizeRange, draw_size
from torchassay.inputs.template import Branch, Choice, Leaf, Node

__all__ = ["ABSENT", "Domain", "Leaf", "SizeRange", "Variant", "build_domain"]

_OPEN_LIMIT = 16


@dataclass(frozen=True, slots=True)
class Variant:
    """One shape of calls: a template per argument, by name. Several examples may give several variants."""

    arguments: Mapping[str, Node]
    keywords: frozenset[str]


@dataclass(frozen=True, slots=True)
class Domain:
    """All legal calls. The same `rng` state always draws the same call."""

    parameters: Parameters
    examples: tuple[Call, ...]
    variants: tuple[Variant, ...]
    symbols: Mapping[str, SizeRange]
    from_examples: bool = True

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every place that the arguments have, of all variants, in order."""
        found: dict[str, Leaf] = {}
        for variant in self.variants:
            for node in variant.arguments.values():
                for leaf in template.leaves(node):
                    known = found.setdefault(leaf.path, leaf)
                    if set(known.alternatives) != set(leaf.alternatives):
                        found[leaf.path] = _merged(known, leaf)
        return tuple(found.values())

    @property
    def dynamic(self) -> bool:
        """Whether anything but values may vary."""
        return bool(self.symbols) or any(len(leaf.alternatives) > 1 or leaf.optional for leaf in self.leaves)

    def optional(self) -> tuple[str, ...]:
        """The paths that a call may leave out."""
        nodes = [node for variant in self.variants for node in variant.arguments.values()]
        found = [node.path for top in nodes for node in _nodes(top) if node.optional]
        return tuple(dict.fromkeys(found))

    def sample(
        self,
        rng: random.Random,
        *,
        sizes: Mapping[str, int] | None = None,
        alternatives: Mapping[str, int] | None = None,
        values: str = "random",
        variant: int | None = None,
    ) -> Call:
        """A legal call.

        `sizes` fixes symbols (and list lengths, by `len(path)`), `alternatives` picks by path one of a leaf's
        alternatives (ABSENT leaves an optional place out); what is not given is drawn. `values` is one of
        `draw.MODES`.
        """
        chosen = self.variants[rng.randrange(len(self.variants)) if variant is None else variant]
        builder = Builder(rng, self._draw_sizes(rng, sizes or {}), alternatives or {}, values)
        named: dict[str, object] = {}
        for name, node in chosen.arguments.items():
            if builder.present(node):
                named[name] = builder.build(node)
        return self.parameters.to_call(named, chosen.keywords)

    def _draw_sizes(self, rng: random.Random, given: Mapping[str, int]) -> dict[str, int]:
        unknown = set(given) - set(self.symbols)
        if unknown:
            raise UsageError(f"there is no size `{min(unknown)}`")
        return {name: given.get(name, draw_size(rng, span)) for name, span in self.symbols.items()}

    def example_sizes(self) -> dict[str, int]:
        """The example's size of every symbol, or the nearest legal one."""
        return {
            name: span.lo if span.example is None else span.nearest(span.example)
            for name, span in self.symbols.items()
        }

    def boundary(self, rng: random.Random) -> Iterator[tuple[str, Call]]:
        """Calls at the ends of the domain with what they show: sizes, alternatives, then values."""
        base = self.example_sizes()
        if self.symbols:
            for label, pick in (("every size smallest", "lo"), ("every size largest", "last")):
                sizes = {name: getattr(span, pick) for name, span in self.symbols.items()}
                yield label, self.sample(rng, sizes=sizes)
        for name, span in self.symbols.items():
            for size in span.interesting():
                yield f"{name}={size}", self.sample(rng, sizes={**base, name: size})
        for leaf in self.leaves:
            for index in range(ABSENT if leaf.optional else 0, len(leaf.alternatives)):
                if len(leaf.alternatives) > 1 or leaf.optional:
                    yield f"{leaf.path}#{index}", self.sample(rng, sizes=base, alternatives={leaf.path: index})
        for mode in ("zeros", "ones", "lo", "hi", "negative", "large", "tiny", "nan", "inf"):
            yield f"values {mode}", self.sample(rng, sizes=base, values=mode)

    def with_leaf(self, call: Call, path: str, value: object) -> Call:
        """The call with another value at `path`; PathError when the path leads nowhere."""
        named = self.parameters.by_name(call)
        steps = tree.split(path)
        name = str(steps[0])
        if name not in named and len(steps) > 1:
            raise tree.PathError(f"the call has no argument `{name}`")
        named[name] = tree.replace(named.get(name), steps[1:], value)
        return self.parameters.to_call(named, frozenset(call.kwargs))

    def leaf(self, call: Call, path: str) -> object:
        """What a call has at `path`; PathError when the path leads nowhere."""
        steps = tree.split(path)
        named = self.parameters.by_name(call)
        if str(steps[0]) not in named:
            raise tree.PathError(f"the call has no argument `{steps[0]}`")
        return tree.get(named[str(steps[0])], steps[1:])

    def contains(self, call: Call) -> str | None:
        """None if the call is legal, else why not."""
        if any(call is example for example in self.examples):
            return None
        named = self.parameters.by_name(call)
        reasons = [Membership(self.symbols).explain(v.arguments, named) for v in self.variants]
        return None if None in reasons else reasons[0]


def _merged(known: Leaf, other: Leaf) -> Leaf:
    extra = tuple(spec for spec in other.alternatives if spec not in known.alternatives)
    return Leaf(known.path, known.alternatives + extra, known.optional, True, known.example)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    branch = node.branch if isinstance(node, Choice) else node
    if isinstance(branch, Branch):
        for _, part in branch.parts:
            yield from _nodes(part)


def build_domain(
    parameters: Parameters, examples: Sequence[Call] = (), specs: Sequence[InputSpec] = ()
) -> Domain:
    """The domain of a method; UsageError when neither examples nor specs say what it takes."""
    shown = parameters.describe()
    if not examples and not specs:
        raise UsageError(
            "nothing says what the model takes",
            help=f"the model is called as {shown}: give --inputs-from FILE.py:FUNC, or one --input per argument",
        )
    names = parameters.names
    bound = template.specs_by_path(specs, names, shown)
    _check_names(parameters, examples, bound)
    if examples:
        ranges = template.example_ranges([parameters.by_name(example) for example in examples])
        variants = _dedupe([_variant_of(parameters, call, bound, ranges) for call in examples])
    else:
        variants = [_variant_from_specs(parameters, bound)]
    symbols = _symbols(variants)
    domain = Domain(parameters, tuple(examples), tuple(variants), symbols, bool(examples))
    return domain if examples else _with_drawn_example(domain)


def _with_drawn_example(domain: Domain) -> Domain:
    """Without example calls, one drawn from the specs stands for them: middling sizes, everything present."""
    sizes = {name: span.nearest(min(span.hi, max(span.lo, 2))) for name, span in domain.symbols.items()}
    first = dict.fromkeys(domain.optional(), 0) | {leaf.path: 0 for leaf in domain.leaves}
    drawn = domain.sample(random.Random(0), sizes=sizes, alternatives=first, values="normal")
    return Domain(domain.parameters, (drawn,), domain.variants, domain.symbols, from_examples=False)


def _check_names(
    parameters: Parameters, examples: Sequence[Call], bound: Mapping[str, Sequence[ValueSpec]]
) -> None:
    known = set(parameters.names) | ({parameters.surplus} if parameters.surplus else set())
    for example in examples:
        known |= set(parameters.by_name(example))
    for path in bound:
        name = str(tree.split(path)[0])
        if name not in known and not parameters.takes_any_keyword:
            guess = closest(name, known)
            advice = f"did you mean `{guess}`; " if guess else ""
            raise UsageError(
                f"the model has no argument `{name}`",
                help=f"{advice}it is called as {parameters.describe()}",
            )


def _variant_of(
    parameters: Parameters,
    example: Call,
    bound: Mapping[str, Sequence[ValueSpec]],
    ranges: template.Ranges,
) -> Variant:
    named = parameters.by_name(example)
    arguments: dict[str, Node] = {
        name: template.from_example(value, name, bound, ranges) for name, value in named.items()
    }
    for name in dict.fromkeys(str(tree.split(path)[0]) for path in bound):
        if name not in arguments:
            arguments[name] = template.mark_optional(template.from_specs(name, bound))
    return Variant(_in_order(parameters, arguments), frozenset(example.kwargs))


def _variant_from_specs(
    parameters: Parameters, bound: Mapping[str, Sequence[ValueSpec]]
) -> Variant:
    names = list(dict.fromkeys(str(tree.split(path)[0]) for path in bound))
    missing = [name for name in parameters.required if name not in names]
    if missing:
        raise UsageError(
            f"nothing says what `{missing[0]}` is",
            help=f"the model is called as {parameters.describe()}: add `--input {missing[0]}=f32[…]`",
        )
    arguments = {name: template.from_specs(name, bound) for name in names}
    return Variant(_in_order(parameters, arguments), frozenset())


def _in_order(parameters: Parameters, arguments: Mapping[str, Node]) -> dict[str, Node]:
    order = [*parameters.names, *([parameters.surplus] if parameters.surplus else [])]
    first = {name: arguments[name] for name in order if name in arguments}
    return {**first, **{n: node for n, node in arguments.items() if n not in first}}


def _dedupe(variants: Sequence[Variant]) -> list[Variant]:
    """Examples that differ only in their values are one variant."""
    kept: dict[str, Variant] = {}
    for variant in variants:
        nodes = variant.arguments.items()
        outline = " ".join(f"{name}={template.outline(node)}" for name, node in nodes)
        kept.setdefault(f"{outline} {sorted(variant.keywords)}", variant)
    return list(kept.values())


def _symbols(variants: Sequence[Variant]) -> dict[str, SizeRange]:
    ranges: dict[str, SizeRange] = {}
    shown: dict[str, int] = {}
    for variant in variants:
        for node in variant.arguments.values():
            _collect(node, ranges, shown)
    return {
        name: SizeRange(
            span.lo,
            max(span.hi, 2 * shown.get(name, 0)) if span.open else span.hi,
            span.step,
            shown.get(name),
            span.open,
        )
        for name, span in ranges.items()
    }


def _collect(top: Node, ranges: dict[str, SizeRange], shown: dict[str, int]) -> None:
    for branch in template.branches(top):
        if branch.lengths is not None:
            name = f"len({branch.path})"
            ranges[name] = SizeRange(branch.lengths.lo, branch.lengths.hi)
            shown.setdefault(name, len(tree.items(branch.model)))
    for leaf in template.leaves(top):
        for spec in leaf.alternatives:
            if isinstance(spec, TensorSpec):
                _collect_dims(spec, leaf.example, ranges, shown)


def _collect_dims(
    spec: TensorSpec, example: object, ranges: dict[str, SizeRange], shown: dict[str, int]
) -> None:
    sizes = example.shape if isinstance(example, torch.Tensor) else ()
    known = sizes if len(sizes) == len(spec.dims) else (None,) * len(spec.dims)
    for dim, size in zip(spec.dims, known, strict=True):
        if dim.symbol is None:
            continue
        _declare(dim, ranges)
        if size is not None:
            shown.setdefault(dim.symbol, size)


def _declare(dim: Dim, ranges: dict[str, SizeRange]) -> None:
    name = str(dim.symbol)
    before = ranges.get(name)
    if dim.lo is None or dim.hi is None:
        ranges.setdefault(name, SizeRange(1, _OPEN_LIMIT, open=True))
        return
    declared = SizeRange(dim.lo, dim.hi, dim.step)
    if before is not None and not before.open and before != declared:
        raise UsageError(
            f"`{name}` has two different ranges: {before.lo}..{before.hi} and {dim.lo}..{dim.hi}",
            help="one symbol is one size everywhere; use another symbol for another size",
        )
    ranges[name] = declared

