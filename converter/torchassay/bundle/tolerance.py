"""Tolerances from measured noise: how far correct runs of the same model lie apart.

The formula is the one of torch.testing.assert_close: |actual - expected| <= atol + rtol * |expected|. Its defaults by
dtype are the floor; a model whose own runs differ by more (other thread counts, a float64 reference) gets a
larger atol, and the manifest says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

from torchassay.base.child import run_child
from torchassay.bundle.plan import CasePlan
from torchassay.bundle.record import seed_everything
from torchassay.inputs import tree
from torchassay.inputs.call import Call
from torchassay.inputs.dtypes import dtype_name
from torchassay.loading.subject import Subject

DEFAULTS: dict[str, tuple[float, float]] = {
    "f16": (1e-3, 1e-5),
    "bf16": (1.6e-2, 1e-5),
    "f32": (1.3e-6, 1e-5),
    "f64": (1e-7, 1e-7),
    "c64": (1.3e-6, 1e-5),
    "c128": (1e-7, 1e-7),
}
"""(rtol, atol) by dtype, as in torch.testing; every other dtype is compared exactly."""

SAFETY = 4.0
"""How many times the measured noise is allowed: another machine sums in yet another order."""

_CREDIBLE = 1e-2
"""A float64 reference further away than this share of the largest value took another path, and is no noise."""

Outputs = Mapping[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The tolerance of one output and where it comes from."""

    output: str
    rtol: float
    atol: float
    origin: str

    def to_json(self) -> dict[str, object]:
        return {"output": self.output, "rtol": self.rtol, "atol": self.atol, "origin": self.origin}


def default_tolerance(output: str, dtype: str) -> Tolerance:
    if dtype not in DEFAULTS:
        return Tolerance(output, 0.0, 0.0, f"{dtype} values are compared exactly")
    rtol, atol = DEFAULTS[dtype]
    return Tolerance(output, rtol, atol, f"the default of torch.testing for {dtype}")


def measure(
    subject: Subject, plans: Sequence[CasePlan], *, timeout: float, recorded: Mapping[str, Outputs] | None = None
) -> list[Tolerance]:
    """A tolerance for every tensor that the planned cases return; `recorded` are outputs that are known, by case."""
    found: dict[str, Tolerance] = {}
    for plan in plans:
        base = (recorded or {}).get(plan.name)
        if base is None and (base := _outputs(subject, plan, timeout, threads=1)) is None:
            continue
        noise = _measure_noise(subject, plan, base, timeout)
        for path, expected in base.items():
            tolerance = derive(path, expected, noise)
            if path not in found or tolerance.atol > found[path].atol:
                found[path] = tolerance
    return list(found.values())


def _measure_noise(
    subject: Subject, plan: CasePlan, base: Outputs, timeout: float
) -> dict[str, Outputs]:
    runs = {"a second run on 2 threads": _outputs(subject, plan, timeout, threads=2)}
    if not subject.scripted and any(_is_low(tensor) for tensor in base.values()):
        runs["a float64 reference"] = _outputs(subject, plan, timeout, threads=1, double=True)
    return {name: outputs for name, outputs in runs.items() if outputs is not None}


def _is_low(tensor: torch.Tensor) -> bool:
    return tensor.is_floating_point() and tensor.dtype != torch.float64


def _outputs(
    subject: Subject, plan: CasePlan, timeout: float, *, threads: int, double: bool = False
) -> Outputs | None:
    """The last call's tensors by path, from a child with an untouched model; None when it raised or died."""
    result = run_child(_runner(subject, plan, threads, double=double), timeout=timeout)
    return result.value if result.status == "ok" else None


def _runner(
    subject: Subject, plan: CasePlan, threads: int, *, double: bool
) -> Callable[[], dict[str, torch.Tensor]]:
    def run() -> dict[str, torch.Tensor]:
        torch.set_num_threads(threads)
        if double:
            subject.model.double()
        seed_everything(plan.seed)
        output: object = None
        for call in plan.calls:
            output = subject.call(_widened(call) if double else call.clone())
        return {
            path: leaf.detach().to_dense() if leaf.layout != torch.strided else leaf.detach()
            for path, leaf in tree.walk(output, "output")
            if isinstance(leaf, torch.Tensor)
        }

    return run


def _widened(call: Call) -> Call:
    def widen(_path: str, leaf: object) -> object:
        if isinstance(leaf, torch.Tensor) and leaf.is_floating_point():
            return leaf.detach().double()
        return leaf

    kept = call.clone()
    return Call(
        tuple(tree.transform(value, widen) for value in kept.args),
        {name: tree.transform(value, widen) for name, value in kept.kwargs.items()},
    )


def derive(path: str, expected: torch.Tensor, runs: Mapping[str, Outputs]) -> Tolerance:
    """The tolerance of one output from how far the other runs lie from `expected`."""
    plain = default_tolerance(path, dtype_name(expected.dtype))
    if plain.rtol == 0.0 or expected.numel() == 0:
        return plain
    excess, error, worst = 0.0, 0.0, ""
    for name, outputs in runs.items():
        other = outputs.get(path)
        if other is None or other.shape != expected.shape:
            continue
        run_excess, run_error = _distance(expected, other, plain.rtol)
        if name == "a float64 reference" and not _credible(expected, run_error):
            continue
        if run_error > error:
            error, worst = run_error, name
        excess = max(excess, run_excess)
    return _with_noise(plain, runs, excess, error, worst)


def _with_noise(
    plain: Tolerance, runs: Mapping[str, Outputs], excess: float, error: float, worst: str
) -> Tolerance:
    tried = " and ".join(runs) or "no other run"
    if SAFETY * excess <= plain.atol:
        return Tolerance(
            plain.output,
            plain.rtol,
            plain.atol,
            f"{plain.origin}; measured noise {error:.2g} ({tried}) stays below it",
        )
    return Tolerance(
        plain.output,
        plain.rtol,
        _round_up(SAFETY * excess),
        f"measured noise {error:.2g} ({worst}), times {SAFETY:.0f}",
    )


def _distance(expected: torch.Tensor, other: torch.Tensor, rtol: float) -> tuple[float, float]:
    """The largest error beyond rtol, and the largest error; infinities and NaN are left out."""
    wide = torch.complex128 if expected.is_complex() else torch.float64
    one, two = expected.to(wide), other.to(wide)
    finite = torch.isfinite(one) & torch.isfinite(two)
    if not bool(finite.any()):
        return 0.0, 0.0
    error = (one - two).abs()[finite]
    beyond = (error - rtol * one.abs()[finite]).max()
    return max(0.0, float(beyond)), float(error.max())


def _credible(expected: torch.Tensor, error: float) -> bool:
    largest = float(torch.nan_to_num(expected.abs().double(), posinf=0.0, neginf=0.0).max())
    return error <= _CREDIBLE * largest


def _round_up(value: float) -> float:
    """Two significant digits, never smaller than `value`."""
    scale = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / scale) * scale:.2g}")
