"""Tolerances follow the noise of the model, with torch's defaults as their floor."""

from __future__ import annotations

import torch
from torch import nn

from torchassay.bundle.plan import CasePlan
from torchassay.bundle.tolerance import SAFETY, derive, measure
from torchassay.inputs.call import Call
from torchassay.testing import subject_of

ONE = torch.tensor([1.0, 2.0])


def test_without_noise_the_default_of_the_dtype_stands() -> None:
    found = derive("output", ONE, {"2 threads": {"output": ONE.clone()}})
    assert (found.rtol, found.atol) == (1.3e-6, 1e-5)
    assert "default of torch.testing for f32" in found.origin


def test_noise_widens_the_absolute_tolerance() -> None:
    found = derive("output", ONE, {"2 threads": {"output": ONE + 1e-3}})
    assert SAFETY * 0.0009 < found.atol < SAFETY * 0.0011
    assert found.origin == "measured noise 0.001 (2 threads), times 4"


def test_integers_are_exact() -> None:
    found = derive("output", torch.tensor([1, 2]), {"2 threads": {"output": torch.tensor([1, 3])}})
    assert (found.rtol, found.atol) == (0.0, 0.0)


def test_a_reference_that_took_another_path_is_no_noise() -> None:
    found = derive("output", ONE, {"a float64 reference": {"output": ONE.double() * 2}})
    assert found.atol == 1e-5


def test_nan_and_infinity_do_not_count() -> None:
    odd = torch.tensor([float("nan"), float("inf"), 1.0])
    assert derive("output", odd, {"2 threads": {"output": odd.clone()}}).atol == 1e-5


class Sums(nn.Module):
    """Sums large numbers that cancel: float32 is far from exact."""

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"sum": (x * 1e6).sum() - (x.flip(0) * 1e6).sum() + 1e6, "count": torch.tensor(x.numel())}


def test_a_float64_run_is_measured() -> None:
    call = Call((torch.randn(10_000, generator=torch.Generator().manual_seed(0)),))
    found = {t.output: t for t in measure(subject_of(Sums()), [CasePlan("a", "example", (call,))], timeout=30)}
    assert found["output.sum"].atol > 1e-5
    assert "float64" in found["output.sum"].origin
    assert found["output.count"].atol == 0.0


class Fixed32(nn.Module):
    """Cannot run in float64."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert x.dtype == torch.float32
        return x * 2


def test_a_model_that_refuses_float64_gets_the_default() -> None:
    (found,) = measure(subject_of(Fixed32()), [CasePlan("a", "example", (Call((ONE,)),))], timeout=30)
    assert found.atol == 1e-5
