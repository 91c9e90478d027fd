"""Chooses the cases of a bundle and records them: examples, sampled calls, counterexamples."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from torchassay.base.errors import LoadError, NothingCheckedError
from torchassay.bundle.plan import CaseKind, CasePlan
from torchassay.bundle.record import RecordedCase, Recorder
from torchassay.bundle.signature import call_sizes, flatten_encoded
from torchassay.cli.request import Request
from torchassay.explore.counterexample import Counterexample
from torchassay.inputs import tree
from torchassay.inputs.domain import Domain
from torchassay.judge.judge import case_name
from torchassay.loading.subject import Subject


class References:
    """The recorded cases of one bundle, in the order of their files."""

    def __init__(self, subject: Subject, domain: Domain, request: Request, folder: Path) -> None:
        self._subject = subject
        self._domain = domain
        self._request = request
        self._recorder = Recorder(
            subject,
            folder,
            timeout=request.timeout,
            record_submodules=request.record_submodules,
        )
        self.cases: list[RecordedCase] = []

    def record_examples(self) -> None:
        """Every example; a model that raises on its own example cannot be converted."""
        calls = self._domain.examples
        kind: CaseKind = "example" if self._domain.from_examples else "sampled"
        names = [kind] if len(calls) == 1 else [f"{kind}-{i + 1}" for i in range(len(calls))]
        for name, call in zip(names, calls, strict=True):
            case = self._recorder.record(CasePlan(name, kind, (call,), self._request.seed))
            assert case is not None
            if case.error is not None:
                raise LoadError(
                    f"the model raises on its own example: {case.error}",
                    help="check --inputs-from and --input against what forward takes",
                )
            self.cases.append(case)
        if not any(_holds_something(call["expects"]["outputs"]) for c in self.cases for call in c.entry["calls"]):
            raise NothingCheckedError("the model returns nothing that could be compared")

    def record_sampled(self) -> None:
        """Drawn calls up to the number of cases asked for; what the model refuses is not recorded."""
        rng = random.Random(self._request.seed)
        for index in range(max(0, self._request.cases - len(self.cases))):
            call = self._domain.sample(rng, values="normal" if index == 0 else "random")
            plan = CasePlan(f"sampled-{index + 1}", "sampled", (call,), self._request.seed + index + 1)
            if (case := self._recorder.record(plan, keep_raising=False)) is not None:
                self.cases.append(case)

    def record_counterexamples(self, found: Sequence[Counterexample]) -> None:
        """The calls that expose the converted model, with what eager does on them."""
        for index, example in enumerate(found):
            plan = CasePlan(case_name(index), "counterexample", example.calls, example.seed)
            case = self._recorder.record(plan)
            assert case is not None
            self.cases.append(case)

    def outputs(self, case: RecordedCase) -> dict[str, torch.Tensor]:
        """The tensors that a case which raises nothing returned, by path."""
        return self._recorder.outputs(case)

    def drop(self, names: Sequence[str]) -> list[RecordedCase]:
        """Take cases out again; their files go with them."""
        dropped = [case for case in self.cases if case.plan.name in names]
        self.cases = [case for case in self.cases if case.plan.name not in names]
        self._recorder.forget(dropped)
        return dropped

    def observed(self) -> list[tuple[dict[str, int], dict[str, Any]]]:
        """Per recorded call that returned: the sizes of its symbols, and its encoded output."""
        return [
            (call_sizes(self._domain, self._shapes(call)), entry["expects"]["outputs"])
            for case in self.cases
            for call, entry in zip(case.plan.calls, case.entry["calls"], strict=True)
            if "outputs" in entry["expects"]
        ]

    def _shapes(self, call: Any) -> dict[str, tuple[int, ...]]:
        named = self._subject.parameters.by_name(call)
        return {
            path: tuple(leaf.shape)
            for name, value in named.items()
            for path, leaf in tree.walk(value, name)
            if hasattr(leaf, "shape")
        }


def _holds_something(encoded: dict[str, Any]) -> bool:
    """Whether an output has any leaf but None."""
    return any("none" not in leaf for _, leaf in flatten_encoded(encoded, "output"))
