"""Whether a call lies inside a template: kinds, dtypes, sizes (one symbol, one size) and values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import torch

from torchassay.base.errors import a_kind
from torchassay.inputs import tree
from torchassay.inputs.dtypes import dtype_name
from torchassay.inputs.kinds import (
    INTEGER_DTYPES,
    INTEGER_LIMITS,
    Constant,
    ScalarSpec,
    TensorSpec,
    ValueDomain,
    ValueSpec,
)
from torchassay.inputs.template import Branch, Choice, Leaf, Node, matches_layout, outside_scalar


class Sizes(Protocol):
    """What membership asks a symbol's range."""

    def admits(self, size: int) -> bool: ...


class _Outside(Exception):
    """The reason why a value is not legal."""


class Membership:
    """Checks calls against templates; `symbols` are the legal sizes."""

    def __init__(self, symbols: Mapping[str, Sizes]) -> None:
        self._symbols = symbols
        self._options: list[list[dict[str, int]]] = []

    def explain(self, arguments: Mapping[str, Node], named: Mapping[str, object]) -> str | None:
        """None if `named` is legal, else the first reason why not."""
        self._options = []
        try:
            self._named(arguments, named)
        except _Outside as reason:
            return str(reason)
        return None if _consistent(self._options, {}) else "one symbol has different sizes"

    def _named(self, arguments: Mapping[str, Node], named: Mapping[str, object]) -> None:
        for name in named:
            if name not in arguments:
                raise _Outside(f"`{name}` is not an argument of these calls")
        for name, node in arguments.items():
            if name in named:
                self._node(node, named[name], name)
            elif not node.optional:
                raise _Outside(f"`{name}` is missing")

    def _node(self, node: Node, value: object, path: str) -> None:
        if isinstance(node, Choice):
            node = node.leaf if tree.children(value) is None else node.branch
        if isinstance(node, Branch):
            self._branch(node, value, path)
        else:
            self._leaf(node, value, path)

    def _branch(self, branch: Branch, value: object, path: str) -> None:
        parts = tree.children(value)
        if parts is None or isinstance(value, Mapping) != isinstance(branch.model, Mapping):
            raise _Outside(f"`{path}` is {a_kind(value)}")
        if branch.lengths is not None:
            self._list(branch, parts, path)
            return
        self._named(
            {tree.join(path, step): node for step, node in branch.parts},
            {tree.join(path, step): part for step, part in parts},
        )

    def _list(self, branch: Branch, parts: Sequence[tuple[tree.Step, object]], path: str) -> None:
        name = f"len({branch.path})"
        if not self._symbols[name].admits(len(parts)):
            raise _Outside(f"`{path}` has {len(parts)} items")
        for index, (_, part) in enumerate(parts):
            node = branch.parts[min(index, len(branch.parts) - 1)][1]
            self._node(node, part, f"{path}[{index}]")

    def _leaf(self, leaf: Leaf, value: object, path: str) -> None:
        if not leaf.alternatives:
            return
        fits: list[dict[str, int]] = []
        reasons: list[str] = []
        for spec in leaf.alternatives:
            try:
                fits.append(self._value(spec, value, path))
            except _Outside as reason:
                reasons.append(str(reason))
        if not fits:
            raise _Outside(reasons[0])
        self._options.append(fits)

    def _value(self, spec: ValueSpec, value: object, path: str) -> dict[str, int]:
        """The sizes that a value gives to symbols."""
        if isinstance(spec, TensorSpec):
            return self._tensor(spec, value, path)
        if isinstance(spec, ScalarSpec) and (reason := outside_scalar(spec, value)) is not None:
            raise _Outside(f"`{path}` {reason}")
        return {}

    def _tensor(self, spec: TensorSpec, value: object, path: str) -> dict[str, int]:
        if not isinstance(value, torch.Tensor):
            raise _Outside(f"`{path}` is {a_kind(value)}, not a tensor")
        if dtype_name(value.dtype) != spec.dtype:
            raise _Outside(f"`{path}` is {dtype_name(value.dtype)}, not {spec.dtype}")
        if value.dim() != len(spec.dims):
            raise _Outside(f"`{path}` has {value.dim()} dimensions, not {len(spec.dims)}")
        sizes: dict[str, int] = {}
        for axis, (dim, size) in enumerate(zip(spec.dims, value.shape, strict=True)):
            symbol = dim.symbol
            legal = dim.admits(size) if symbol is None else self._symbols[symbol].admits(size)
            if not legal or (symbol and sizes.setdefault(symbol, size) != size):
                raise _Outside(f"dimension {axis} of `{path}` is {size}")
        if not matches_layout(spec, value):
            raise _Outside(f"`{path}` is not laid out as {spec.layout}")
        if (reason := outside_values(value, spec)) is not None:
            raise _Outside(f"`{path}` {reason}")
        return sizes


def _consistent(options: Sequence[list[dict[str, int]]], sizes: dict[str, int]) -> bool:
    """Whether one choice per leaf gives every symbol one size."""
    for index, choices in enumerate(options):
        agreeing = [c for c in choices if all(sizes.get(k, v) == v for k, v in c.items())]
        if not agreeing:
            return False
        if len(agreeing) > 1:
            rest = options[index + 1 :]
            return any(_consistent(rest, {**sizes, **choice}) for choice in agreeing)
        sizes = {**sizes, **agreeing[0]}
    return True


def outside_values(tensor: torch.Tensor, spec: TensorSpec) -> str | None:
    """Why a tensor's values are not in the spec's domain, or None."""
    domain = spec.values or ValueDomain()
    if tensor.numel() == 0 or tensor.device.type == "meta":
        return None
    with torch.no_grad():
        plain = tensor.detach()
        flat = torch.view_as_real(plain) if plain.is_complex() else plain
        if domain.choices is not None:
            return _outside_choices(flat, domain.choices)
        if spec.dtype in INTEGER_DTYPES or spec.dtype == "bool":
            return None if spec.dtype == "bool" else _outside_integers(flat, domain, spec.dtype)
        return _outside_floats(flat, domain)


def _outside_choices(flat: torch.Tensor, choices: Sequence[Constant]) -> str | None:
    table = torch.tensor(choices, dtype=flat.dtype)
    legal = torch.isin(flat, table)
    if any(isinstance(choice, float) and math.isnan(choice) for choice in choices):
        legal |= torch.isnan(flat)
    if bool(legal.all()):
        return None
    return f"holds {flat[~legal][0].item()}, which is none of its values"


def _outside_integers(flat: torch.Tensor, domain: ValueDomain, dtype: str) -> str | None:
    lo, hi = (int(bound) for bound in torch.aminmax(flat))
    least, most = INTEGER_LIMITS[dtype]
    if lo < (least if domain.lo is None else domain.lo):
        return f"holds {lo}, which is too small"
    return f"holds {hi}, which is too large" if hi > (most if domain.hi is None else domain.hi) else None


def _outside_floats(flat: torch.Tensor, domain: ValueDomain) -> str | None:
    finite = torch.isfinite(flat)
    if not bool(finite.all()):
        if not domain.nan and bool(torch.isnan(flat).any()):
            return "holds nan"
        if not domain.inf and bool(torch.isinf(flat).any()):
            return "holds inf"
        flat = flat[finite]
        if flat.numel() == 0:
            return None
    lo, hi = (float(bound) for bound in torch.aminmax(flat))
    if domain.lo is not None and lo < domain.lo and not _rounds_to(lo, domain.lo, flat.dtype):
        return f"holds {lo}, which is too small"
    if domain.hi is not None and hi > domain.hi and not _rounds_to(hi, domain.hi, flat.dtype):
        return f"holds {hi}, which is too large"
    return None


def _rounds_to(value: float, bound: Constant, dtype: torch.dtype) -> bool:
    """A bound such as 0.1 has no exact float32: its rounding is legal too."""
    return value == torch.tensor(bound, dtype=dtype).item()
