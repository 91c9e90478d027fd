"""Checks, in a fresh process, that a counterexample really disagrees: nothing but this makes a proof.

Model and artifact are loaded anew, the artifact runs as LibTorch would run it (optimised, several times over), with
other seeds, with and without gradients; and the difference must stand clear of what rounding alone can do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from torchassay.base.child import run_child
from torchassay.capture.arguments import plain
from torchassay.explore.agree import Disagreement, compare, dense, outcome
from torchassay.explore.chance import seed_all
from torchassay.explore.counterexample import Counterexample
from torchassay.explore.pair import Converted, Pair, Trial
from torchassay.inputs import tree
from torchassay.inputs.call import Call
from torchassay.inputs.dtypes import is_channels_last

if TYPE_CHECKING:
    from torchassay.loading.subject import Subject

_SEEDS = (0, 1, 7, 1234)
_NOISE_FACTOR = 10.0
_PERTURBATIONS = 4
_SAMPLES = 48
_PATIENCE = 6  # in a fresh process the first call may import and compile


def confirm(subject: Subject, artifact: Path, found: Counterexample, *, seconds: float) -> Counterexample | None:
    """The counterexample with what it showed in a fresh process; None when it did not stand."""
    found = replace(found, calls=tuple(_as_recorded(call) for call in found.calls))
    seconds *= _PATIENCE
    timeout = 30.0 + 4 * seconds + 12 * len(found.calls)
    if found.disagreement.kind in ("crash", "hang"):
        return _confirm_crash(subject, artifact, found, timeout)
    result = run_child(lambda: _examine(subject, artifact, found, seconds), timeout=timeout)
    if result.status in {"crashed", "timeout"}:
        kind = replace(found, disagreement=Disagreement("crash", "output", f"the artifact {result.describe()}"))
        return _confirm_crash(subject, artifact, kind, timeout)
    return result.value if result.status == "ok" else None


def _as_recorded(call: Call) -> Call:
    """The call as a bundle gives it back: whoever replays the case has no other order in memory."""

    def relaid(_: str, leaf: object) -> object:
        if not isinstance(leaf, torch.Tensor) or leaf.layout != torch.strided or leaf.is_contiguous() or is_channels_last(leaf):
            return leaf
        return leaf.detach().contiguous().requires_grad_(leaf.requires_grad)

    return Call(
        tuple(tree.transform(value, relaid) for value in call.args),
        {name: tree.transform(value, relaid) for name, value in call.kwargs.items()},
    )


def _confirm_crash(subject: Subject, artifact: Path, found: Counterexample, timeout: float) -> Counterexample | None:
    """The artifact alone must die of it, and the model alone must not."""

    def eager() -> bool:
        fresh = subject.fresh()
        for call in found.calls:
            fresh.call(call.clone())
        return True

    def converted() -> bool:
        module = Converted(artifact, subject.method, timeout)
        for call in found.calls:
            module(call)
        return True

    if run_child(eager, timeout=timeout).status != "ok":
        return None
    result = run_child(converted, timeout=timeout)
    if result.status not in ("crashed", "timeout"):
        return None
    kind = "hang" if result.status == "timeout" else "crash"
    text = f"the artifact {result.describe()}, the model does not"
    return replace(found, disagreement=Disagreement(kind, "output", text))  # type: ignore[arg-type]


def _examine(subject: Subject, artifact: Path, found: Counterexample, seconds: float) -> Counterexample | None:
    if found.cause in ("random", "world"):
        return _examine_random(subject, artifact, found, seconds)
    pair = Pair(subject, artifact, seconds=seconds)
    trials = [pair.run(found.calls, seed) for seed in _SEEDS]
    pair.eager.reset()  # closures and class attributes are shared with every other copy of the model
    again = Pair(subject, artifact, seconds=seconds)
    trials += [again.run(found.calls, found.seed) for _ in range(3)]
    if not all(_fails_last(trial, found) for trial in trials):
        return None
    again.eager.reset()
    if not any(call.requires_grad for call in found.calls) and not _fails_with_gradients(subject, artifact, found):
        return None
    last = trials[-1]
    assert last.disagreement is not None
    if last.disagreement.kind in ("value", "nan") and not _beyond_noise(again, found, last):
        return None
    changes = tuple(change.path for change in again.eager.guard.changes())
    return replace(found, disagreement=last.disagreement, expected=_plain(last.expected), changes=changes)


def _examine_random(subject: Subject, artifact: Path, found: Counterexample, seconds: float) -> Counterexample | None:
    """A model that draws random numbers must disagree whatever the seed, and not by the order of the draws alone."""
    pair = Pair(subject, artifact, seconds=seconds)
    trials = [pair.run(found.calls, seed) for seed in range(100, 112)]
    if any(trial.disagreement is None for trial in trials):
        return None
    first = trials[0].disagreement
    assert first is not None
    if first.kind in ("value", "nan") and not _distributions_differ(pair, found):
        return None
    final = pair.run(found.calls, found.seed)
    return replace(found, disagreement=final.disagreement or first, expected=_plain(final.expected))


def _distributions_differ(pair: Pair, found: Counterexample) -> bool:
    """Over many seeds: one side never varies where the other does, or their means are many errors apart."""
    ours, theirs = [], []
    for seed in range(200, 200 + _SAMPLES):
        seed_all(seed)
        pair.eager.reset()
        ours.append(_numbers([pair.eager(call) for call in found.calls]))
        theirs.append(_numbers([_artifact_output(pair, found.calls[: n + 1], seed) for n in range(len(found.calls))]))
    if len({sample.shape for sample in (*ours, *theirs)}) > 1:
        return True
    left, right = torch.stack(ours), torch.stack(theirs)
    spread = (left.var(0) + right.var(0)) / _SAMPLES
    apart = (left.mean(0) - right.mean(0)).abs() > 8.0 * spread.sqrt() + 1e-5
    constant = (left.var(0) == 0) != (right.var(0) == 0)
    return bool((apart | constant).any())


def _numbers(outputs: Sequence[object]) -> torch.Tensor:
    """Every number of some outputs in one row."""
    leaves = [leaf for output in outputs for _, leaf in tree.walk(output) if isinstance(leaf, torch.Tensor)]
    return torch.cat([dense(leaf).double().flatten().nan_to_num() for leaf in leaves] or [torch.zeros(1)])


def _fails_last(trial: Trial, found: Counterexample) -> bool:
    """It must be the last call that disagrees: the ones before are only the way there."""
    return trial.disagreement is not None and trial.failed_at == len(found.calls) - 1


def _plain(values: Sequence[object]) -> tuple[object, ...]:
    """Outputs as plain detached copies, where they are tensors."""
    return tuple(tree.transform(value, lambda _, leaf: _detached(leaf)) for value in values)


def _detached(leaf: object) -> object:
    return leaf.detach().clone() if isinstance(leaf, torch.Tensor) else leaf


def _fails_with_gradients(subject: Subject, artifact: Path, found: Counterexample) -> bool:
    """The same with gradient recording on, as a plain call in Python has it."""
    fresh = subject.fresh()
    module = torch.jit.load(str(artifact), map_location="cpu")
    method = module if subject.method == "forward" else getattr(module, subject.method)
    eager = fresh.model if subject.method == "forward" else getattr(fresh.model, subject.method)
    for index, call in enumerate(found.calls):
        seed_all(found.seed + index)
        expected = _outcome(eager, call)
        seed_all(found.seed + index)
        difference = compare(expected, _outcome(method, call))
    return difference is not None


def _outcome(function: Any, call: Call) -> object:
    ready = call.clone()
    if isinstance(function, torch.jit.ScriptModule | torch._C.ScriptMethod):
        ready = plain(ready)
    return outcome(lambda: function(*ready.args, **ready.kwargs))


def _beyond_noise(pair: Pair, found: Counterexample, trial: Trial) -> bool:
    """Whether the error is larger than the artifact's own reaction to inputs that differ in the last bit.

    An artifact that takes no branches reacts to such inputs only by rounding; where even that is larger than the
    disagreement, a model like this cannot be compared at this point.
    """
    assert trial.disagreement is not None
    error = trial.disagreement.max_abs_error
    if error is None or trial.disagreement.kind == "nan":
        return True
    noise = 0.0
    generator = torch.Generator().manual_seed(found.seed)
    reference = _artifact_output(pair, found.calls, found.seed)
    for _ in range(_PERTURBATIONS):
        nudged = tuple(_nudged(call, generator) for call in found.calls)
        noise = max(noise, _largest(reference, _artifact_output(pair, nudged, found.seed)))
    return error > _NOISE_FACTOR * noise or _is_exact(pair, found, trial)


def _is_exact(pair: Pair, found: Counterexample, trial: Trial) -> bool:
    """The artifact's graph, traced on this very call, repeats the model bit by bit: then no kernel explains it."""
    call = found.calls[-1]
    tensors = list(call.clone().args)
    if len(found.calls) > 1 or call.kwargs or not all(isinstance(value, torch.Tensor) for value in tensors):
        return False
    pair.eager.reset()
    try:
        with torch.no_grad():
            traced = torch.jit.trace(pair.eager.subject.model, tuple(tensors), check_trace=False, strict=False)
            again = traced(*call.clone().args)
    except Exception:
        return False
    return _largest(trial.expected[-1], again) == 0.0


def _artifact_output(pair: Pair, calls: Sequence[Call], seed: int) -> object:
    pair.converted.reset()
    output: object = None
    for index, call in enumerate(calls):
        seed_all(seed + index)
        output = pair.converted(call)
    return output


def _nudged(call: Call, generator: torch.Generator) -> Call:
    """The call with every float moved to a neighbouring number, up or down by chance."""

    def nudge(_: str, leaf: object) -> object:
        if not isinstance(leaf, torch.Tensor) or not leaf.is_floating_point() or leaf.layout != torch.strided:
            return leaf
        up = torch.rand(leaf.shape, generator=generator) < 0.5
        infinity = torch.full_like(leaf, torch.inf)
        return torch.nextafter(leaf, torch.where(up, infinity, -infinity)) if _steps(leaf) else leaf

    return Call(
        tuple(tree.transform(value, nudge) for value in call.clone().args),
        {name: tree.transform(value, nudge) for name, value in call.clone().kwargs.items()},
    )


def _steps(leaf: torch.Tensor) -> bool:
    return leaf.dtype in (torch.float32, torch.float64)


def _largest(left: object, right: object) -> float:
    """The largest difference between two outputs; 0 where their structures differ: that is not rounding."""
    ours = [leaf for _, leaf in tree.walk(left) if isinstance(leaf, torch.Tensor)]
    theirs = [leaf for _, leaf in tree.walk(right) if isinstance(leaf, torch.Tensor)]
    largest = 0.0
    for one, other in zip(ours, theirs, strict=False):
        if one.shape == other.shape and one.numel() and not one.is_complex():
            gap = (dense(one).double() - dense(other).double()).abs().nan_to_num(0.0, posinf=0.0)
            largest = max(largest, float(gap.max()))
    return largest
