"""Draws values that a spec allows: by chance, at the ends of the range, or close to the example."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import torch

from torchassay.base.errors import UsageError
from torchassay.inputs.dtypes import TORCH_DTYPES
from torchassay.inputs.kinds import COMPLEX_DTYPES, INTEGER_LIMITS, Constant, Number, ScalarSpec, TensorSpec, ValueDomain

MODES = (
    "random",
    "normal",
    "positive",
    "negative",
    "zeros",
    "ones",
    "lo",
    "hi",
    "large",
    "tiny",
    "constant",
    "mixed",
    "nan",
    "inf",
    "example",
)
"""How `draw_tensor` fills a tensor. Every mode stays inside the declared domain; where a domain has no such value
(no NaN, nothing negative) the nearest legal ones take their place."""

_SCALES = (1.0, 1.0, 1.0, 0.1, 10.0, 100.0)
_ANY = ValueDomain()
_NEAR = 1e5  # half precision ends where values of a model may come; the ends of wider types are far from any


def draw_tensor(
    spec: TensorSpec,
    shape: tuple[int, ...],
    rng: random.Random,
    *,
    mode: str = "random",
    example: object = None,
) -> torch.Tensor:
    """A new tensor of `shape` within the domain and in the layout of `spec`."""
    if mode not in MODES:
        raise UsageError(f"unknown way `{mode}` to fill a tensor")
    dtype = TORCH_DTYPES[spec.dtype]
    generator = torch.Generator().manual_seed(rng.getrandbits(63))
    with torch.no_grad():
        filled = _near_example(example, shape, dtype) if mode == "example" else None
        if filled is None:
            filled = _fill(spec, shape, rng, generator, "random" if mode == "example" else mode)
        return in_layout(filled.to(dtype), spec.layout)


def in_layout(tensor: torch.Tensor, layout: str | None) -> torch.Tensor:
    """The tensor as a layout asks for it."""
    if layout == "channels_last":
        form = torch.channels_last if tensor.dim() == 4 else torch.channels_last_3d
        return tensor.contiguous(memory_format=form)
    return tensor.requires_grad_() if layout == "grad" else tensor


def _near_example(example: object, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor | None:
    """The example's values, repeated or cut to `shape`; None when the ranks differ."""
    if not isinstance(example, torch.Tensor) or example.dim() != len(shape) or example.numel() == 0:
        return None
    if example.dtype != dtype or example.layout != torch.strided:
        return None
    result = example.detach().clone()
    for axis, size in enumerate(shape):
        if size != result.shape[axis]:
            index = torch.arange(size) % result.shape[axis]
            result = result.index_select(axis, index)
    return result


def _fill(
    spec: TensorSpec, shape: tuple[int, ...], rng: random.Random, generator: torch.Generator, mode: str
) -> torch.Tensor:
    domain = spec.values or _ANY
    if domain.choices is not None:
        return _choose(domain.choices, spec.dtype, shape, rng, generator, mode)
    if spec.dtype == "bool":
        return _bools(shape, rng, generator, mode)
    if spec.dtype in INTEGER_LIMITS:
        return _integers(domain, spec.dtype, shape, rng, generator, mode)
    if spec.dtype in COMPLEX_DTYPES:
        part = "f32" if spec.dtype == "c64" else "f64"
        real, imaginary = (_floats(domain, part, shape, rng, generator, mode) for _ in range(2))
        return torch.complex(real.to(TORCH_DTYPES[part]), imaginary.to(TORCH_DTYPES[part]))
    return _floats(domain, spec.dtype, shape, rng, generator, mode)


def _choose(
    choices: tuple[Constant, ...],
    dtype: str,
    shape: tuple[int, ...],
    rng: random.Random,
    generator: torch.Generator,
    mode: str,
) -> torch.Tensor:
    table = torch.tensor(choices, dtype=TORCH_DTYPES[dtype])
    single = _single_choice(choices, rng, mode)
    if single is not None:
        return table[single].expand(shape).clone()
    return table[torch.randint(len(choices), shape, generator=generator)]


def _single_choice(choices: tuple[Constant, ...], rng: random.Random, mode: str) -> int | None:
    """The index of the one value that a mode fills with, or None for a mixture."""
    ends = {"lo": min, "hi": max, "negative": min, "positive": max, "large": max, "tiny": min}
    wanted = {"zeros": 0, "ones": 1}
    if mode in wanted and wanted[mode] in choices:
        return choices.index(wanted[mode])
    if mode in ends:
        order: Callable[[int], float] = lambda i: _sortable(choices[i])  # noqa: E731
        return ends[mode](range(len(choices)), key=order)
    return rng.randrange(len(choices)) if mode in ("constant", "zeros", "ones") else None


def _sortable(value: Constant) -> float:
    number = float(value) if isinstance(value, (bool, int, float)) else 0.0
    return math.inf if math.isnan(number) else number


def _bools(
    shape: tuple[int, ...], rng: random.Random, generator: torch.Generator, mode: str
) -> torch.Tensor:
    if mode in ("zeros", "lo", "negative", "tiny"):
        return torch.zeros(shape, dtype=torch.bool)
    if mode in ("ones", "hi", "positive", "large"):
        return torch.ones(shape, dtype=torch.bool)
    share = rng.choice((0.5, 0.5, 0.1, 0.9))
    if mode == "constant":
        return torch.full(shape, rng.random() < 0.5)
    return torch.rand(shape, generator=generator) < share


def _integers(
    domain: ValueDomain,
    dtype: str,
    shape: tuple[int, ...],
    rng: random.Random,
    generator: torch.Generator,
    mode: str,
) -> torch.Tensor:
    least, most = INTEGER_LIMITS[dtype]
    lo = least if domain.lo is None else max(least, int(domain.lo))
    hi = most if domain.hi is None else min(most, int(domain.hi))
    single = _single_integer(lo, hi, rng, mode)
    if single is not None:
        return torch.full(shape, single, dtype=TORCH_DTYPES[dtype])
    low, high = _integer_window(lo, hi, rng, mode)
    span = high - low + 1
    if span > 2**62:
        low, span = max(low, -(2**61)), 2**62
    drawn = torch.randint(0, span, shape, generator=generator, dtype=torch.int64)
    return drawn + low


def _single_integer(lo: int, hi: int, rng: random.Random, mode: str) -> int | None:
    wanted = {"zeros": 0, "ones": 1, "lo": lo, "hi": hi, "large": hi, "tiny": 0}
    if mode in wanted:
        return min(max(wanted[mode], lo), hi)
    return rng.randint(lo, hi) if mode == "constant" else None


def _integer_window(lo: int, hi: int, rng: random.Random, mode: str) -> tuple[int, int]:
    """Part of the range: one sign, or by chance a narrow window, so that small values come up in wide ranges."""
    if mode == "positive" and hi > 0:
        return max(lo, 1), hi
    if mode == "negative" and lo < 0:
        return lo, min(hi, -1)
    if mode == "random" and hi - lo > 16 and rng.random() < 0.3:
        start = rng.choice((lo, max(lo, min(0, hi)), rng.randint(lo, hi)))
        return start, min(hi, start + 8)
    return lo, hi


def float_bounds(domain: ValueDomain, dtype: str) -> tuple[float, float]:
    """The finite bounds of a domain in this dtype."""
    info = torch.finfo(TORCH_DTYPES.get(dtype, torch.float64))
    lo = info.min if domain.lo is None else max(info.min, float(domain.lo))
    hi = info.max if domain.hi is None else min(info.max, float(domain.hi))
    return lo, hi


def _floats(
    domain: ValueDomain,
    dtype: str,
    shape: tuple[int, ...],
    rng: random.Random,
    generator: torch.Generator,
    mode: str,
) -> torch.Tensor:
    lo, hi = float_bounds(domain, dtype)
    single = _single_float(domain, lo, hi, rng, mode)
    if single is not None:
        filled = torch.full(shape, single, dtype=torch.float64)
    else:
        filled = _float_mixture(lo, hi, shape, rng, generator, mode).clamp_(lo, hi)
    _sprinkle(filled, domain, rng, mode)
    return _rounded_inside(filled, lo, hi, dtype)


def _rounded_inside(filled: torch.Tensor, lo: float, hi: float, dtype: str) -> torch.Tensor:
    """Round to the dtype without leaving the bounds."""
    rounded = filled.to(TORCH_DTYPES[dtype])
    wide = rounded.double()
    outside = torch.isfinite(filled) & ((wide < lo) | (wide > hi))
    if bool(outside.any()):
        inner = torch.nextafter(rounded.float(), torch.full_like(rounded.float(), (lo + hi) / 2))
        rounded = torch.where(outside, inner.to(rounded.dtype), rounded)
    return rounded


def _single_float(
    domain: ValueDomain, lo: float, hi: float, rng: random.Random, mode: str
) -> float | None:
    wanted = {"zeros": 0.0, "ones": 1.0}
    if mode in wanted:
        return min(max(wanted[mode], lo), hi)
    if mode in ("lo", "hi"):
        bound, open_end = (lo, domain.lo is None) if mode == "lo" else (hi, domain.hi is None)
        return math.copysign(1e4, bound) if open_end and abs(bound) > _NEAR else bound
    if mode == "constant":
        return _one_float(lo, hi, rng)
    return None


def _one_float(lo: float, hi: float, rng: random.Random) -> float:
    if hi - lo < 1e6:
        return rng.uniform(lo, hi)
    return min(max(rng.gauss(0, 1) * rng.choice(_SCALES), lo), hi)


def _float_mixture(
    lo: float, hi: float, shape: tuple[int, ...], rng: random.Random, generator: torch.Generator, mode: str
) -> torch.Tensor:
    normal = torch.randn(shape, generator=generator, dtype=torch.float64)
    if mode == "tiny":
        return normal * 1e-6
    if mode == "large":
        return normal * min(1e4, max(abs(lo), abs(hi)))
    if mode == "positive":
        return normal.abs() * min(1.0, hi) + (lo if lo > 0 else 0.0)
    if mode == "negative":
        return -normal.abs() * min(1.0, abs(lo)) + (hi if hi < 0 else 0.0)
    if hi - lo < 1e6 and mode != "normal":
        return _inside(lo, hi, shape, rng, generator)
    if mode == "mixed":
        exponents = torch.randint(-4, 5, shape, generator=generator).double()
        return normal * torch.pow(10.0, exponents)
    scale = rng.choice(_SCALES) if mode == "random" else 1.0
    shift = rng.gauss(0, 1) * scale if mode == "random" and rng.random() < 0.5 else 0.0
    return normal * scale + shift


def _inside(
    lo: float, hi: float, shape: tuple[int, ...], rng: random.Random, generator: torch.Generator
) -> torch.Tensor:
    """Uniform over the range, or by chance over a part of it, so that sums and means move."""
    if rng.random() < 0.5:
        ends = sorted((rng.uniform(lo, hi), rng.uniform(lo, hi)))
        lo, hi = ends[0], ends[1]
    return torch.rand(shape, generator=generator, dtype=torch.float64) * (hi - lo) + lo


def _sprinkle(filled: torch.Tensor, domain: ValueDomain, rng: random.Random, mode: str) -> None:
    """NaN and infinities at a few places, where they are legal and asked for."""
    wanted = []
    if domain.nan and mode in ("nan", "mixed"):
        wanted.append(math.nan)
    if domain.inf and mode in ("inf", "mixed"):
        wanted += [math.inf, -math.inf]
    flat = filled.view(-1)
    for value in wanted:
        if flat.numel() and (mode != "mixed" or rng.random() < 0.5):
            flat[rng.randrange(flat.numel())] = value


def draw_scalar(spec: ScalarSpec, rng: random.Random, *, mode: str = "random") -> Constant:
    """A value of an argument that is no tensor."""
    if spec.type == "none":
        return None
    domain = spec.values or _ANY
    if domain.choices is not None:
        single = _single_choice(domain.choices, rng, mode)
        return domain.choices[rng.randrange(len(domain.choices)) if single is None else single]
    if spec.type == "bool":
        return bool(_bools((), rng, torch.Generator().manual_seed(rng.getrandbits(63)), mode))
    if spec.type == "str":
        return ""
    return _draw_number(spec.type, domain, rng, mode)


def _draw_number(kind: str, domain: ValueDomain, rng: random.Random, mode: str) -> Number:
    if kind == "int":
        lo = -(2**31) if domain.lo is None else int(domain.lo)
        hi = 2**31 - 1 if domain.hi is None else int(domain.hi)
        single = _single_integer(lo, hi, rng, mode)
        return rng.randint(*_integer_window(lo, hi, rng, mode)) if single is None else single
    lo_f, hi_f = float_bounds(domain, "f64")
    if mode == "nan" and domain.nan:
        return math.nan
    value = _single_float(domain, lo_f, hi_f, rng, mode)
    return _one_float(lo_f, hi_f, rng) if value is None else value
