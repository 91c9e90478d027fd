"""The shape of legal calls: a tree per argument whose leaves list their legal alternatives."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeGuard

import torch

from torchassay.base.errors import UsageError, a_kind
from torchassay.inputs import tree
from torchassay.inputs.dtypes import dtype_name, is_channels_last, layout_of
from torchassay.inputs.kinds import (
    INTEGER_DTYPES,
    Dim,
    InputSpec,
    KeysSpec,
    ListSpec,
    ScalarSpec,
    TensorSpec,
    ValueDomain,
    ValueSpec,
)
from torchassay.inputs.spec_text import spec_text

Specs: TypeAlias = Mapping[str, Sequence[ValueSpec]]
Ranges: TypeAlias = Mapping[tuple[str, str], ValueDomain]
"""The range of integers that all examples together show, by path and dtype."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One place of the arguments that can vary.

    `alternatives` are what is legal there; `varies` is False for a constant. An `optional` leaf may be absent
    altogether. `example` is the value that the example call has there, None without one.
    """

    path: str
    alternatives: tuple[ValueSpec, ...]
    optional: bool = False
    varies: bool = True
    example: object = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A container: `model` is the example container, rebuilt around new parts.

    `lengths` is set for a list whose length may vary; items beyond the known ones follow the last known item.
    """

    path: str
    model: object
    parts: tuple[tuple[tree.Step, Node], ...]
    lengths: ListSpec | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A place that is legally a leaf or a container: the leaf's alternatives come first, then the branch."""

    leaf: Leaf
    branch: Branch

    @property
    def path(self) -> str:
        return self.leaf.path

    @property
    def optional(self) -> bool:
        return self.leaf.optional


Node: TypeAlias = Leaf | Branch | Choice


def specs_by_path(specs: Sequence[InputSpec], names: Sequence[str], shown: str) -> dict[str, list[ValueSpec]]:
    """Bind specs to paths: unnamed ones in order to the arguments that no named one claims."""
    claimed = {str(tree.split(spec.name)[0]) for spec in specs if spec.name}
    free = iter([name for name in names if name not in claimed])
    bound: dict[str, list[ValueSpec]] = {}
    for spec in specs:
        name = spec.name
        if name is None:
            name = next(free, None)
            if name is None:
                raise UsageError("there are more input specs than arguments", help=f"the model takes {shown}")
        bound.setdefault(name, []).append(spec.value)
    return bound


def from_example(value: object, path: str, specs: Specs, ranges: Ranges) -> Node:
    """The template of one argument: what the example shows, widened by the specs at and below `path`."""
    own = specs.get(path, ())
    structural = [spec for spec in own if isinstance(spec, (ListSpec, KeysSpec))]
    leafy = [spec for spec in own if not isinstance(spec, (ListSpec, KeysSpec))]
    if tree.children(value) is None:
        leaf = _leaf(value, path, leafy, ranges)
        if not structural and not _below(path, specs):
            return leaf
        return Choice(leaf, _branch_from_specs(path, structural, specs))
    branch = _branch(value, path, structural, specs, ranges)
    if not leafy:
        return branch
    return Choice(Leaf(path, tuple(leafy)), branch)


def from_specs(path: str, specs: Specs) -> Node:
    """The template of an argument that no example shows."""
    own = specs.get(path, ())
    structural = [spec for spec in own if isinstance(spec, (ListSpec, KeysSpec))]
    leafy = tuple(
        with_default_range(spec) for spec in own if not isinstance(spec, (ListSpec, KeysSpec))
    )
    if not structural and not _below(path, specs):
        return Leaf(path, leafy, varies=_varies(leafy))
    branch = _branch_from_specs(path, structural, specs)
    return Choice(Leaf(path, leafy), branch) if leafy else branch


def _below(path: str, specs: Specs) -> list[tree.Step]:
    """The steps that specs name directly below `path`, in the order in which they are given."""
    prefix = tree.split(path)
    steps: list[tree.Step] = []
    for other in specs:
        parts = tree.split(other)
        if len(parts) > len(prefix) and parts[: len(prefix)] == prefix:
            step = parts[len(prefix)]
            if step not in steps:
                steps.append(step)
    return steps


def _branch(
    value: object, path: str, structural: Sequence[ValueSpec], specs: Specs, ranges: Ranges
) -> Branch:
    """A container of the example; specs may add keys, mark keys optional, or vary a list's length."""
    optional = _optional_keys(structural)
    parts = [
        (step, _mark(from_example(part, tree.join(path, step), specs, ranges), step in optional))
        for step, part in tree.children(value) or ()
    ]
    known = {step for step, _ in parts}
    if isinstance(value, Mapping):
        parts += [
            (step, _mark(from_specs(tree.join(path, step), specs), True))
            for step in _below(path, specs)
            if step not in known
        ]
    _check_keys(path, structural, [step for step, _ in parts])
    return Branch(path, value, tuple(parts), _lengths(structural))


def _branch_from_specs(path: str, structural: Sequence[ValueSpec], specs: Specs) -> Branch:
    steps = _below(path, specs)
    optional = _optional_keys(structural)
    parts = tuple(
        (step, _mark(from_specs(tree.join(path, step), specs), step in optional)) for step in steps
    )
    if not parts:
        raise UsageError(f"`{path}` needs specs for its parts", help=f"for example `{path}[0]=f32[3]`")
    _check_keys(path, structural, steps)
    if all(isinstance(step, int) for step in steps):
        model: object = [None] * len(steps) if _lengths(structural) else (None,) * len(steps)
    else:
        model = dict.fromkeys(steps)
    return Branch(path, model, parts, _lengths(structural))


def _check_keys(path: str, structural: Sequence[ValueSpec], steps: Sequence[tree.Step]) -> None:
    for spec in structural:
        for key in spec.keys if isinstance(spec, KeysSpec) else ():
            if key.name not in steps:
                raise UsageError(
                    f"`{path}` has no key `{key.name}` in the example, and no spec describes it",
                    help=f"add `--input {tree.join(path, key.name)}=f32[…]`",
                )


def _optional_keys(structural: Sequence[ValueSpec]) -> set[str]:
    return {
        key.name
        for spec in structural
        if isinstance(spec, KeysSpec)
        for key in spec.keys
        if key.optional
    }


def _lengths(structural: Sequence[ValueSpec]) -> ListSpec | None:
    return next((spec for spec in structural if isinstance(spec, ListSpec)), None)


def mark_optional(node: Node) -> Node:
    """The node as a place that a call may leave out."""
    return _mark(node, True)


def _mark(node: Node, optional: bool) -> Node:
    if not optional:
        return node
    if isinstance(node, Choice):
        return replace(node, leaf=replace(node.leaf, optional=True))
    return replace(node, optional=True)


def _leaf(value: object, path: str, specs: Sequence[ValueSpec], ranges: Ranges) -> Leaf:
    """What the examples show, widened: specs that admit the example stand for it."""
    own = own_spec(value)
    if isinstance(own, TensorSpec):
        own = replace(own, values=ranges.get((path, own.dtype), own.values))
    filled = [_with_example_range(spec, own) for spec in specs]
    if own is None:
        return Leaf(path, tuple(filled), varies=bool(filled), example=value)
    covered = any(_covers(spec, own, value) for spec in filled)
    alternatives = tuple(filled) if covered else (_borrow_dims(own, filled), *filled)
    return Leaf(path, alternatives, varies=_varies(alternatives), example=value)


def _varies(alternatives: Sequence[ValueSpec]) -> bool:
    if len(alternatives) != 1:
        return True
    only = alternatives[0]
    return not (isinstance(only, ScalarSpec) and only.constant)


def own_spec(value: object) -> ValueSpec | None:
    """The spec of exactly what a value is: fixed sizes, its own range of integers; None if it has none."""
    if isinstance(value, torch.Tensor):
        return _tensor_spec(value)
    if value is None:
        return ScalarSpec("none")
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return ScalarSpec(kind.__name__, ValueDomain(choices=(value,)))
    return None


def _tensor_spec(tensor: torch.Tensor) -> TensorSpec | None:
    if tensor.layout != torch.strided:
        return None
    dims = tuple(Dim(size=size) for size in tensor.shape)
    return TensorSpec(dtype_name(tensor.dtype), dims, integer_range(tensor), layout_of(tensor))


def integer_range(tensor: torch.Tensor) -> ValueDomain | None:
    """The range of an integer tensor's values; None for other dtypes, 0..9 for an empty one."""
    if tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool:
        return None
    if tensor.numel() == 0 or tensor.device.type == "meta":
        return ValueDomain(0, 9)
    lo, hi = torch.aminmax(tensor.detach())
    return ValueDomain(int(lo), int(hi))


def _with_example_range(spec: ValueSpec, own: ValueSpec | None) -> ValueSpec:
    """An integer spec without a domain takes the example's own range."""
    if _lacks_range(spec) and isinstance(own, (TensorSpec, ScalarSpec)):
        integers = own.dtype in INTEGER_DTYPES if isinstance(own, TensorSpec) else own.type == "int"
        if integers:
            return replace(spec, values=own.values)
    return with_default_range(spec)


def with_default_range(spec: ValueSpec) -> ValueSpec:
    """Integers without a domain and without an example are 0..9."""
    return replace(spec, values=ValueDomain(0, 9)) if _lacks_range(spec) else spec


def _lacks_range(spec: ValueSpec) -> TypeGuard[TensorSpec | ScalarSpec]:
    if isinstance(spec, TensorSpec):
        return spec.values is None and spec.dtype in INTEGER_DTYPES
    return isinstance(spec, ScalarSpec) and spec.values is None and spec.type == "int"


def _covers(spec: ValueSpec, own: ValueSpec, value: object) -> bool:
    """Whether a spec already allows what the example is; a tensor's values do not count, its domain limits them."""
    if isinstance(spec, ScalarSpec) or isinstance(own, ScalarSpec):
        return isinstance(spec, ScalarSpec) and outside_scalar(spec, value) is None
    if not (isinstance(spec, TensorSpec) and isinstance(own, TensorSpec)):
        return False
    same = spec.dtype == own.dtype and spec.layout == own.layout
    return same and _same_sizes(spec, own)


def outside_scalar(spec: ScalarSpec, value: object) -> str | None:
    """Why an argument that is no tensor is not what its spec allows, or None."""
    kind = "none" if value is None else type(value).__name__
    if kind != spec.type:
        return f"is {a_kind(value)}, not {spec.type}"
    domain = spec.values
    if domain is None or value is None:
        return None
    if domain.choices is not None:
        legal = any(choice == value or (_is_nan(choice) and _is_nan(value)) for choice in domain.choices)
        return None if legal else f"is {value!r}, which is none of its values"
    assert isinstance(value, (bool, int, float))
    if not math.isfinite(value):
        return None if (domain.nan if math.isnan(value) else domain.inf) else f"is {value}"
    inside = (domain.lo is None or domain.lo <= value) and (domain.hi is None or value <= domain.hi)
    return None if inside else f"is {value}, outside its range"


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _same_sizes(spec: TensorSpec, own: TensorSpec) -> bool:
    return len(spec.dims) == len(own.dims) and all(
        dim.admits(mine.size or 0) for dim, mine in zip(spec.dims, own.dims, strict=True)
    )


def _borrow_dims(own: ValueSpec, specs: Sequence[ValueSpec]) -> ValueSpec:
    """The example as an alternative beside specs: its sizes vary with a spec's symbols where they fit."""
    if not isinstance(own, TensorSpec):
        return own
    for spec in specs:
        if isinstance(spec, TensorSpec) and _same_sizes(spec, own):
            values = spec.values if spec.dtype == own.dtype else own.values
            return replace(own, dims=spec.dims, values=values)
    return own


def example_ranges(values: Sequence[Mapping[str, object]]) -> dict[tuple[str, str], ValueDomain]:
    """The range of integers at every path, over the arguments of all examples."""
    ranges: dict[tuple[str, str], ValueDomain] = {}
    for named in values:
        for name, value in named.items():
            for path, leaf in tree.walk(value, name):
                own = integer_range(leaf) if isinstance(leaf, torch.Tensor) else None
                if own is not None and isinstance(leaf, torch.Tensor):
                    key = (path, dtype_name(leaf.dtype))
                    ranges[key] = _union(ranges.get(key, own), own)
    return ranges


def _union(one: ValueDomain, other: ValueDomain) -> ValueDomain:
    los = [int(d.lo) for d in (one, other) if d.lo is not None]
    his = [int(d.hi) for d in (one, other) if d.hi is not None]
    return ValueDomain(min(los), max(his))


def outline(node: Node) -> str:
    """What two templates share when only their example values differ."""
    if isinstance(node, Leaf):
        alternatives = " ".join(spec_text(spec) for spec in node.alternatives)
        return alternatives or f"<{type(node.example).__name__}>"
    if isinstance(node, Choice):
        return f"{outline(node.leaf)}|{outline(node.branch)}"
    parts = ",".join(f"{step}:{outline(part)}" for step, part in node.parts)
    return f"{type(node.model).__name__}({parts}){node.lengths}"


def leaves(node: Node) -> Iterator[Leaf]:
    """Every leaf of a template, in order."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Choice):
        yield node.leaf
        yield from leaves(node.branch)
    else:
        for _, part in node.parts:
            yield from leaves(part)


def branches(node: Node) -> Iterator[Branch]:
    """Every container of a template, outermost first."""
    if isinstance(node, Branch):
        yield node
        for _, part in node.parts:
            yield from branches(part)
    elif isinstance(node, Choice):
        yield from branches(node.branch)


def matches_layout(spec: TensorSpec, tensor: torch.Tensor) -> bool:
    """Whether a tensor lies in memory as its spec says; without a layout any order will do."""
    if spec.layout == "grad":
        return tensor.requires_grad
    return spec.layout != "channels_last" or is_channels_last(tensor) or tensor.is_contiguous()
