"""Runs the eager model on planned cases and writes what it returned: the references of a bundle.

Every case runs in a forked child, so that it meets an untouched model and cannot harm this process.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from torchassay.base import memory
from torchassay.base.child import run_child, summarise
from torchassay.base.errors import ConverterError, CrashError
from torchassay.base.safetensors import read_tensors, write_tensors
from torchassay.bundle.plan import CasePlan
from torchassay.bundle.signature import flatten_encoded
from torchassay.bundle.values import Json, UnsupportedValue, ValueEncoder, decode
from torchassay.inputs.call import Call, Copier
from torchassay.loading.subject import Subject


@dataclass(frozen=True, slots=True)
class RecordedCase:
    """A case with its manifest entry; `error` is the first exception that a call raised, if any."""

    plan: CasePlan
    entry: dict[str, Json]
    error: str | None


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What a bundle cannot hold, on its way out of the child."""

    message: str
    help: str | None


class Recorder:
    """Writes case files into `folder` and numbers them in order."""

    def __init__(
        self, subject: Subject, folder: Path, *, timeout: float, record_submodules: bool = False
    ) -> None:
        self._subject = subject
        self._folder = folder
        self._timeout = timeout
        self._record_submodules = record_submodules
        self._next = 0
        (folder / "cases").mkdir(parents=True, exist_ok=True)

    def record(self, plan: CasePlan, *, keep_raising: bool = True) -> RecordedCase | None:
        """Run and write one case; None, and nothing written, for one that is not to be kept if it raises or needs too much."""
        names = [f"cases/{self._next + i:03}.safetensors" for i in range(len(plan.calls))]
        result = run_child(lambda: self._run(plan, names), timeout=self._timeout)
        if result.status == "raised" and result.error is not None:
            raise UnsupportedValue(result.error.message)
        if result.status == "memory" and not keep_raising:
            self._discard(names)
            return None
        if result.status != "ok" or result.value is None:
            advice = memory.ADVICE if result.status == "memory" else None
            raise CrashError(f"the model {result.describe()} on case `{plan.name}`", help=advice)
        if isinstance(result.value, _Refusal):
            raise UnsupportedValue(result.value.message, help=result.value.help)
        calls, error = result.value
        if error is not None and not keep_raising:
            self._discard(names)
            return None
        self._next += len(names)
        entry = {"name": plan.name, "kind": plan.kind, "seed": plan.seed, "calls": calls}
        return RecordedCase(plan, entry, error)

    def _discard(self, names: Sequence[str]) -> None:
        for name in names:
            (self._folder / name).unlink(missing_ok=True)

    def outputs(self, case: RecordedCase) -> dict[str, torch.Tensor]:
        """The tensors that the last call of a case returned, by path."""
        entry = case.entry["calls"][-1]
        tensors = read_tensors(self._folder / entry["file"])
        leaves = flatten_encoded(entry["expects"]["outputs"], "output")
        return {path: decoded for path, leaf in leaves if isinstance(decoded := decode(leaf, tensors), torch.Tensor)}

    def forget(self, cases: Sequence[RecordedCase]) -> None:
        """Delete the files of cases that are not to be in the bundle."""
        for case in cases:
            for call in case.entry["calls"]:
                (self._folder / call["file"]).unlink(missing_ok=True)

    def _run(self, plan: CasePlan, names: Sequence[str]) -> tuple[list[dict[str, Json]], str | None] | _Refusal:
        seed_everything(plan.seed)
        error: str | None = None
        entries = []
        for call, name in zip(plan.calls, names, strict=True):
            try:
                entry, raised = self._call(call, name)
            except UnsupportedValue as refused:
                return _Refusal(refused.message, refused.help)
            entries.append(entry)
            error = error or raised
        return entries, error

    def _call(self, call: Call, name: str) -> tuple[dict[str, Json], str | None]:
        encoder = ValueEncoder()
        entry: dict[str, Json] = {"file": name, "repeat": 1, **self._inputs(call, encoder)}
        watcher = SubmoduleWatcher(self._subject.model if self._record_submodules else None)
        raised: str | None = None
        with warnings.catch_warnings(), watcher.watching():
            warnings.simplefilter("ignore")
            try:
                output = self._subject.call(call.clone())
            except Exception as error:
                if memory.ran_out(error):
                    raise
                entry["expects"], raised = _raises(error)
            else:
                entry["expects"] = {"outputs": encoder.encode(output, "output")}
        if self._record_submodules:
            entry["submodules"] = watcher.encode(encoder)
        write_tensors(self._folder / name, encoder.tensors)
        return entry, raised

    def _inputs(self, call: Call, encoder: ValueEncoder) -> dict[str, Json]:
        """Encoded as they are before the call: a model may write on its inputs."""
        kept = call.clone()
        plain = list(self._subject.parameters.plain)
        surplus = self._subject.parameters.surplus or "args"
        names = plain + [f"{surplus}[{i}]" for i in range(max(0, len(kept.args) - len(plain)))]
        args = [
            encoder.encode(value, f"input.{name}")
            for name, value in zip(names, kept.args, strict=False)
        ]
        kwargs = {name: encoder.encode(kept.kwargs[name], f"input.{name}") for name in kept.kwargs}
        return {"args": args, "kwargs": kwargs}


def seed_everything(seed: int) -> None:
    """The same random numbers for every run of a case."""
    import random
    import sys

    random.seed(seed)
    torch.manual_seed(seed)
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed(seed % 2**32)


def _raises(error: Exception) -> tuple[dict[str, Json], str]:
    summary = summarise(error)
    place = f" ({Path(summary.file).name}:{summary.line})" if summary.file else ""
    first = (summary.message.strip().splitlines() or [""])[0]
    shown = f"{summary.type}: {first}{place}" if first else f"{summary.type}{place}"
    return {"raises": {"type": summary.type, "message": first[:500]}}, shown


class SubmoduleWatcher:
    """Keeps what every submodule returned during one call, in the order in which they finished."""

    def __init__(self, model: nn.Module | None) -> None:
        self._model = model
        self._seen: list[tuple[str, int, object]] = []
        self._counts: dict[str, int] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        modules = list(self._model.named_modules()) if self._model is not None else []
        handles = [
            module.register_forward_hook(self._hook(path)) for path, module in modules if path
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hook(self, path: str) -> Any:
        def keep(_module: nn.Module, _inputs: object, output: object) -> None:
            count = self._counts.get(path, 0)
            self._counts[path] = count + 1
            self._seen.append((path, count, Copier().copy(output)))

        return keep

    def encode(self, encoder: ValueEncoder) -> list[dict[str, Json]]:
        """The manifest's list; an output that a bundle cannot hold is left out."""
        entries = []
        for path, count, output in self._seen:
            try:
                value = encoder.encode(output, f"submodule.{path}#{count}.output")
            except ConverterError:
                continue
            entries.append({"path": path, "call": count, "output": value})
        return entries
