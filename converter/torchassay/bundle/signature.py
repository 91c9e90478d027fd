"""What a bundle says about its inputs and outputs, as specs of the grammar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchassay.inputs import template
from torchassay.inputs.domain import Domain
from torchassay.inputs.kinds import Dim, ScalarSpec, TensorSpec, ValueDomain
from torchassay.inputs.spec_text import spec_text
from torchassay.inputs.template import Branch, Choice, Node

Entry = dict[str, Any]

COMPLEX_NUMBER = "c64[]"  # the grammar has none: a tensor of one stands for it


def input_entries(domain: Domain) -> list[Entry]:
    """One entry per place and alternative, in the order of the arguments."""
    entries: list[Entry] = []
    for variant in domain.variants:
        for node in variant.arguments.values():
            for entry in _node_entries(node):
                if entry not in entries:
                    entries.append(entry)
    return entries


def _node_entries(node: Node) -> list[Entry]:
    if isinstance(node, Choice):
        return _node_entries(node.leaf) + _node_entries(node.branch)
    if isinstance(node, Branch):
        own = [_entry(node.path, spec_text(node.lengths), node.optional)] if node.lengths else []
        return own + [entry for _, part in node.parts for entry in _node_entries(part)]
    if isinstance(node.example, complex) and not node.alternatives:
        return [_entry(node.path, COMPLEX_NUMBER, node.optional)]
    return [_entry(node.path, spec_text(spec), node.optional) for spec in node.alternatives]


def _entry(path: str, spec: str, optional: bool) -> Entry:
    return {"path": path, "spec": spec, **({"optional": True} if optional else {})}


def call_sizes(domain: Domain, inputs: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """The size that each symbol has in a call, given the shapes of its tensors by path."""
    sizes: dict[str, int] = {}
    for variant in domain.variants:
        for top in variant.arguments.values():
            for leaf in template.leaves(top):
                shape = inputs.get(leaf.path)
                for spec in leaf.alternatives if shape is not None else ():
                    if isinstance(spec, TensorSpec) and len(spec.dims) == len(shape or ()):
                        _match(spec.dims, shape or (), sizes)
    return sizes


def _match(dims: Sequence[Dim], shape: Sequence[int], sizes: dict[str, int]) -> None:
    for dim, size in zip(dims, shape, strict=True):
        if dim.symbol is not None:
            sizes.setdefault(dim.symbol, size)


def output_entries(observed: Sequence[tuple[Mapping[str, int], Entry]]) -> list[Entry]:
    """Output specs from cases: per case the symbols' sizes and the encoded output.

    A size that never changed is fixed; one that always equals a symbol is that symbol; any other gets a
    symbol of its own.
    """
    columns: dict[str, list[tuple[Mapping[str, int], Entry]]] = {}
    for sizes, encoded in observed:
        for path, leaf in flatten_encoded(encoded, "output"):
            columns.setdefault(path, []).append((sizes, leaf))
    return [
        {"path": path, "spec": spec}
        for path, column in columns.items()
        for spec in dict.fromkeys(_column_specs(path, column))
    ]


def flatten_encoded(encoded: Entry, path: str) -> list[tuple[str, Entry]]:
    """The leaves of an encoded value by path."""
    if "tensor" in encoded:
        return [(path, encoded)]
    from torchassay.inputs import tree

    steps: list[tuple[Any, Entry]] = []
    if "dict" in encoded:
        steps = [(key, item) for key, item in encoded["dict"]]
    elif "tuple" in encoded:
        steps = list(zip(encoded.get("names") or range(len(encoded["tuple"])), encoded["tuple"], strict=True))
    elif "list" in encoded:
        steps = list(enumerate(encoded["list"]))
    else:
        return [(path, encoded)]
    return [pair for step, item in steps for pair in flatten_encoded(item, tree.join(path, step))]


def _column_specs(path: str, column: Sequence[tuple[Mapping[str, int], Entry]]) -> list[str]:
    """The specs of one output place over all cases: one per dtype and rank, or per kind of plain value."""
    groups: dict[tuple[str, int], list[tuple[Mapping[str, int], Sequence[int]]]] = {}
    plain: list[str] = []
    for sizes, leaf in column:
        if "tensor" in leaf:
            groups.setdefault((leaf["dtype"], len(leaf["shape"])), []).append((sizes, leaf["shape"]))
        else:
            plain.append(_plain_spec(leaf))
    specs = [_tensor_spec(dtype, rows) for (dtype, _), rows in groups.items()]
    distinct = list(dict.fromkeys(plain))
    if len(distinct) > 4:
        distinct = list(dict.fromkeys(_kind_of(leaf) for _, leaf in column if "tensor" not in leaf))
    return specs + distinct


def _tensor_spec(dtype: str, rows: Sequence[tuple[Mapping[str, int], Sequence[int]]]) -> str:
    dims = [_dim(axis, rows) for axis in range(len(rows[0][1]))]
    return spec_text(TensorSpec(dtype, tuple(dims)))


def _dim(axis: int, rows: Sequence[tuple[Mapping[str, int], Sequence[int]]]) -> Dim:
    seen = [shape[axis] for _, shape in rows]
    symbols = sorted({name for sizes, _ in rows for name in sizes if "(" not in name})
    for name in symbols:
        known = [sizes.get(name) for sizes, _ in rows]
        if known == seen and (len(set(seen)) > 1):
            return Dim(symbol=name)
    return Dim(size=seen[0]) if len(set(seen)) == 1 else Dim(symbol=f"D{axis}")


def _plain_spec(leaf: Entry) -> str:
    ((kind, value),) = [(k, v) for k, v in leaf.items() if k not in ("class", "names")]
    if kind == "none":
        return "none"
    if kind == "complex":
        return COMPLEX_NUMBER
    if kind == "float":
        value = float(value)
    return spec_text(ScalarSpec(kind, ValueDomain(choices=(value,))))


def _kind_of(leaf: Entry) -> str:
    kind = next(k for k in leaf if k in ("int", "float", "bool", "str", "none", "complex"))
    return COMPLEX_NUMBER if kind == "complex" else kind
