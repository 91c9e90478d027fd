"""Values with a structure that chance does not produce: sorted, one-hot, repeated, made of the source's constants."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import torch

from torchassay.explore.literals import Literals

_NON_FINITE = (math.inf, -math.inf, math.nan)
_MAX_LITERALS = 40
_MAX_COMBINATIONS = 24
_FACTORS = (10.0, 1e3, 1e-3)
_WIDE = 1e6


def shapes_of_values(tensor: torch.Tensor, rng: random.Random) -> Iterator[tuple[str, torch.Tensor]]:
    """Rearrangements and simple structures of a tensor's own values."""
    base = tensor.detach()
    if base.dim() > 0:
        if base.dtype != torch.bool and not base.is_complex():
            yield "sorted", base.sort(dim=-1).values
            yield "falling", base.sort(dim=-1, descending=True).values
        yield "flipped", base.flip(-1)
        yield "rolled", base.roll(1, 0)
        yield "mirrored", torch.cat((base[: base.shape[0] - base.shape[0] // 2], base[: base.shape[0] // 2].flip(0)))
        if base.dim() >= 2 and base.shape[-1] == base.shape[-2]:
            yield from _square(base)
        yield "rows equal", base[:1].expand_as(base).clone()
        yield from _single_elements(base, rng)
        yield from _slices(base)
    if base.is_floating_point():
        yield from ((f"all {number:g}", torch.full_like(base, number)) for number in _NON_FINITE)
    if base.dtype == torch.bool:
        yield "inverted", ~base
    elif not base.is_complex():
        yield "negated", -base
        yield "doubled", base * 2
        yield "scaled", base * 100
        yield "shifted up", base + 1
        yield "shifted down", base - 1
        if base.is_floating_point():
            yield "centred", base - base.mean()
            yield "whole", base.round()


def _square(base: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    """Matrices of a special form."""
    if not base.is_complex():
        unit = torch.eye(base.shape[-1]).to(base.dtype).expand_as(base).contiguous()
        yield "identity", unit
        yield "twice the identity", unit * 2 if base.dtype != torch.bool else ~unit
    yield "lower triangle of", base.tril()
    yield "upper triangle of", base.triu()
    yield "diagonal of", base.tril().triu()
    yield "transposed", base.transpose(-1, -2).contiguous()
    yield "symmetric", (base.tril() + base.tril(-1).mT if base.dtype != torch.bool else base | base.mT).contiguous()


def _single_elements(base: torch.Tensor, rng: random.Random) -> Iterator[tuple[str, torch.Tensor]]:
    """One element that stands out, first, last or anywhere."""
    count = base.numel()
    for index in dict.fromkeys((0, count - 1, rng.randrange(count))):
        for label, background in (("one-hot", torch.zeros_like(base)), ("all but one", torch.ones_like(base))):
            changed = background.clone(memory_format=torch.contiguous_format)
            changed.view(-1)[index] = 1 if label == "one-hot" else 0
            yield label, changed
        if base.dtype != torch.bool and not base.is_complex():
            for value in (100, -100):
                changed = base.clone(memory_format=torch.contiguous_format)
                changed.view(-1)[index] = value if base.dtype != torch.uint8 else abs(value)
                yield "outlier", changed


def _slices(base: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    """One row, column or plane that holds a single value: nothing, or what is not a number."""
    values: tuple[float, ...] = (False, True) if base.dtype == torch.bool else (0,)
    values += _NON_FINITE if base.is_floating_point() else ()
    for dim in range(base.dim()) if base.numel() else ():
        if 1 < base.shape[dim] < base.numel():
            for value in values:
                changed = base.clone(memory_format=torch.contiguous_format)
                changed.select(dim, base.shape[dim] - 1).fill_(value)
                yield f"a slice of {value}", changed


def apart(tensor: torch.Tensor, span: tuple[float, float] | None) -> Iterator[torch.Tensor]:
    """A float tensor larger by factors, and with its elements evenly apart in the same order, as far as `span` goes."""
    if not tensor.is_floating_point() or tensor.numel() < 2:
        return
    base = tensor.detach()
    for factor in _FACTORS:
        yield base * factor
    ranks = base.flatten().unique(return_inverse=True)[1].reshape(base.shape).double()
    steps = float(ranks.max())
    if steps > 0:
        narrow = span is not None and span[1] - span[0] < _WIDE
        low, high = span if narrow and span is not None else (-1.0, 1.0)
        yield (low + (high - low) * ranks / steps).to(base.dtype)
        yield (ranks + max(low, 0.0)).to(base.dtype)


def scalar_values(value: bool | float | str, literals: Literals) -> Iterator[object]:
    """Other values for an argument that is not a tensor; the caller keeps the legal ones."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from dict.fromkeys((*(value + d for d in (-1, 1, -2, 2)), 0, -1, *literals.integers(-1e9, 1e9)))
    elif isinstance(value, float):
        for number in literals.floats(-1e30, 1e30):
            yield from (number, number + 0.5, number - 0.5, -number)
        yield from (0.0, 1.0, -1.0)
    else:
        yield from literals.texts
        yield from ("", value.upper(), value + "x")


def with_literals(tensor: torch.Tensor, literals: Literals, rng: random.Random) -> Iterator[tuple[str, torch.Tensor]]:
    """A tensor with constants of the source in it."""
    if tensor.dtype == torch.bool or tensor.is_complex():
        return
    wanted = _fitting(tensor, literals)
    base = tensor.detach()
    for number in wanted:
        yield f"all {number:g} in", torch.full_like(base, number)
        for index in dict.fromkeys((0, base.numel() - 1, rng.randrange(base.numel()))):
            changed = base.clone(memory_format=torch.contiguous_format)
            changed.view(-1)[index] = number
            yield f"{number:g} in", changed
        if base.numel() > 1 and base.is_floating_point():
            yield f"sum {number:g} of", base - base.mean() + number / base.numel()
            yield f"mean {number:g} of", base - base.mean() + number
    yield from _several(base, wanted, rng)
    yield from _runs(base, literals, rng)


def _fitting(tensor: torch.Tensor, literals: Literals) -> list[float]:
    if tensor.is_floating_point():
        limit = torch.finfo(tensor.dtype).max
        found = [value for number in literals.floats(-limit, limit) for value in (number, -number)]
    else:
        info = torch.iinfo(tensor.dtype)
        found = [float(number) for number in literals.integers(info.min, info.max)]
    return list(dict.fromkeys(found))[:_MAX_LITERALS]


def _runs(base: torch.Tensor, literals: Literals, rng: random.Random) -> Iterator[tuple[str, torch.Tensor]]:
    """Constants that stand together in the source, together in the tensor: in front, at the end, somewhere between."""
    whole, count = not base.is_floating_point(), base.numel()
    info = torch.iinfo(base.dtype) if whole else torch.finfo(base.dtype)
    for run in literals.sequences:
        legal = all(info.min <= number <= info.max and (not whole or number == int(number)) for number in run)
        if len(run) > count or not legal:
            continue
        for start in dict.fromkeys((0, count - len(run), rng.randint(0, count - len(run)))):
            changed = base.clone(memory_format=torch.contiguous_format)
            changed.view(-1)[start : start + len(run)] = torch.tensor(run, dtype=torch.float64).to(base.dtype)
            yield "constants together in", changed


def _several(base: torch.Tensor, wanted: list[float], rng: random.Random) -> Iterator[tuple[str, torch.Tensor]]:
    """Several constants at once: neighbouring in order, or mixed over the whole tensor."""
    if len(wanted) < 2 or base.numel() < 2:
        return
    count = base.numel()
    for start in range(min(len(wanted), _MAX_COMBINATIONS)):
        run = [wanted[(start + k) % len(wanted)] for k in range(min(count, len(wanted)))]
        changed = base.clone(memory_format=torch.contiguous_format)
        changed.view(-1)[: len(run)] = torch.tensor(run, dtype=torch.float64).to(base.dtype)
        yield "constants in order", changed
    for _ in range(_MAX_COMBINATIONS):
        mixed = [rng.choice(wanted) for _ in range(min(count, 4096))]
        changed = base.clone(memory_format=torch.contiguous_format)
        changed.view(-1)[: len(mixed)] = torch.tensor(mixed, dtype=torch.float64).to(base.dtype)
        yield "constants by chance", changed
