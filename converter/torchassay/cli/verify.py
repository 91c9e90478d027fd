"""Runs the converted model on every recorded case and compares with what eager returned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from torchassay.base.child import ChildResult, run_child, summarise
from torchassay.base.safetensors import read_tensors
from torchassay.bundle.record import RecordedCase, seed_everything
from torchassay.bundle.values import decode, number
from torchassay.capture.arguments import plain
from torchassay.explore.agree import Disagreement, Kind, Raised, compare


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A case on which the converted model and eager part ways."""

    case: str
    disagreement: Disagreement

    def to_json(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "kind": self.disagreement.kind,
            "text": self.disagreement.text,
            "max_abs_error": None if self.disagreement.max_abs_error is None else number(self.disagreement.max_abs_error),
        }


def verify(
    model: Path, folder: Path, cases: Sequence[RecordedCase], method: str, *, timeout: float
) -> list[Mismatch]:
    """The mismatches of `model` with the cases in `folder`, at most one per case.

    A child loads the file, and every case has a fork of that child: each meets the model as it was loaded.
    """
    work = partial(_verify_loaded, model, folder, cases, method, timeout)
    result = run_child(work, timeout=timeout * (len(cases) + 1))
    if result.status == "ok" and result.value is not None:
        return result.value
    died = _died(result)
    return [Mismatch(case.plan.name, died) for case in cases]


def _verify_loaded(
    path: Path, folder: Path, cases: Sequence[RecordedCase], method: str, timeout: float
) -> list[Mismatch]:
    model = torch.jit.load(str(path), map_location="cpu")
    function = model if method == "forward" else getattr(model, method)
    found = []
    for case in cases:
        result = run_child(partial(_compare, function, folder, case), timeout=timeout)
        different = result.value if result.status == "ok" else _died(result)
        if different is not None:
            found.append(Mismatch(case.plan.name, different))
    return found


def _died(result: ChildResult[Any]) -> Disagreement:
    kind: Kind = "hang" if result.status == "timeout" else "crash"
    return Disagreement(kind, "output", f"the converted model {result.describe()}")


def _compare(function: Callable[..., object], folder: Path, case: RecordedCase) -> Disagreement | None:
    seed_everything(case.plan.seed)
    for call, entry in zip(case.plan.calls, case.entry["calls"], strict=True):
        expected = _expected(folder, entry)
        actual: object
        try:
            with torch.set_grad_enabled(call.requires_grad):
                copy = plain(call.clone())
                actual = function(*copy.args, **copy.kwargs)
        except Exception as error:
            summary = summarise(error)
            actual = Raised(summary.type, summary.message)
        if (different := compare(expected, actual)) is not None:
            return different
    return None


def _expected(folder: Path, entry: dict[str, Any]) -> object:
    expects = entry["expects"]
    if "raises" in expects:
        return Raised(expects["raises"]["type"], expects["raises"]["message"])
    return decode(expects["outputs"], read_tensors(folder / entry["file"]))
