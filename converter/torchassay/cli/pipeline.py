"""One conversion from request to bundle, in the worker: load, capture, check, judge, record, write."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torchassay.base.atomic import atomic_directory, check_replaceable
from torchassay.base.errors import ConverterError, CrashError, LoadError
from torchassay.base.events import Events
from torchassay.bundle.manifest import Contents, Source, write_manifest
from torchassay.bundle.plan import CasePlan
from torchassay.bundle.record import RecordedCase, Recorder
from torchassay.bundle.signature import call_sizes, input_entries, output_entries
from torchassay.bundle.tolerance import measure
from torchassay.cli.artifact import Captured, capture
from torchassay.cli.request import Request
from torchassay.cli.verify import Mismatch, verify
from torchassay.findings.finding import Finding
from torchassay.inputs import tree
from torchassay.inputs.domain import Domain, build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.loading.examples import load_examples
from torchassay.loading.load import Subject, load

_NOISE_CASES = 2


@dataclass(slots=True)
class Conversion:
    """What one run has found out so far."""

    request: Request
    events: Events
    subject: Subject
    domain: Domain
    recorded: list[RecordedCase] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)


def convert(request: Request, events: Events) -> dict[str, Any]:
    """The whole job; the result is what `--json` shows, with the exit code."""
    specs = [parse_input_spec(text) for text in request.inputs]
    target = Path(request.output)
    check_replaceable(target)
    subject = load_subject(request, events)
    events.stage("inputs", "reading the example inputs", limit=request.timeout)
    examples = load_examples(request.inputs_from, subject.parameters) if request.inputs_from else ()
    domain = build_domain(subject.parameters, examples, specs)
    run = Conversion(request, events, subject, domain)
    with atomic_directory(target) as folder:
        captured = _capture(run, folder)
        _record(run, folder)
        _check(run, folder, captured)
        result = _write(run, folder, captured)
    return result


def load_subject(request: Request, events: Events) -> Subject:
    place = request.model.rpartition(":")[0] or request.model
    events.stage("load", f"importing `{Path(place).name}`", limit=request.timeout)
    return load(
        request.model,
        kwargs=request.kwargs,
        weights=Path(request.weights) if request.weights else None,
        method=request.method,
    )


def _capture(run: Conversion, folder: Path) -> Captured:
    run.events.stage("capture", "converting the model", limit=None)
    return capture(run.subject, run.domain, run.request, folder)


def _record(run: Conversion, folder: Path) -> None:
    """The reference cases: every example, then sampled ones that the model accepts."""
    run.events.stage("record", "recording references", limit=None)
    recorder = Recorder(
        run.subject,
        folder,
        timeout=run.request.timeout,
        record_submodules=run.request.record_submodules,
    )
    for plan in _example_plans(run):
        case = recorder.record(plan)
        assert case is not None
        if case.error is not None:
            raise LoadError(
                f"the model raises on its own example: {case.error}",
                help="check --inputs-from and --input against what forward takes",
            )
        run.recorded.append(case)
    for plan in _sampled_plans(run, max(0, run.request.cases - len(run.recorded))):
        if (case := recorder.record(plan, keep_raising=False)) is not None:
            run.recorded.append(case)


def _example_plans(run: Conversion) -> list[CasePlan]:
    calls = run.domain.examples
    kind = "example" if run.domain.from_examples else "sampled"
    names = ["example"] if len(calls) == 1 else [f"example-{i + 1}" for i in range(len(calls))]
    return [
        CasePlan(name, kind, (call,), run.request.seed)
        for name, call in zip(names, calls, strict=True)
    ]


def _sampled_plans(run: Conversion, count: int) -> list[CasePlan]:
    rng = random.Random(run.request.seed)
    plans = []
    for index in range(count):
        call = run.domain.sample(rng, values="normal" if index == 0 else "random")
        plans.append(CasePlan(f"sampled-{index + 1}", "sampled", (call,), run.request.seed + index + 1))
    return plans


def _check(run: Conversion, folder: Path, captured: Captured) -> None:
    run.events.stage("check", "comparing the converted model with its references", limit=None)
    run.mismatches = verify(folder, run.recorded, run.request.method, timeout=run.request.timeout)


def _write(run: Conversion, folder: Path, captured: Captured) -> dict[str, Any]:
    run.events.stage("write", "measuring tolerances and writing the bundle", limit=None)
    request, subject = run.request, run.subject
    findings = [finding.to_json() for finding in run.findings]
    faithful = not run.mismatches and not any(f["verdict"] in ("proved", "possible") for f in findings)
    conversion = {
        "mode_asked": request.mode,
        "mode_used": captured.mode,
        "faithful": faithful,
        "training": subject.training,
        "submodules": captured.submodules,
    }
    plans = [case.plan for case in run.recorded if case.error is None][:_NOISE_CASES]
    tolerances = measure(subject, plans, timeout=request.timeout)
    weights = Path(request.weights) if request.weights else None
    contents = Contents(
        created=request.created,
        source=Source(subject.reference, request.method, request.kwargs, subject.file, weights),
        conversion=conversion,
        inputs=input_entries(run.domain),
        outputs=output_entries(_observed(run)),
        tolerances=[tolerance.to_json() for tolerance in tolerances],
        cases=[case.entry for case in run.recorded],
        findings=findings,
    )
    write_manifest(folder, contents)
    return _result(run, captured, faithful, findings)


def _observed(run: Conversion) -> list[tuple[dict[str, int], dict[str, Any]]]:
    pairs = []
    for case in run.recorded:
        for call, entry in zip(case.plan.calls, case.entry["calls"], strict=True):
            if "outputs" in entry["expects"]:
                named = run.subject.parameters.by_name(call)
                shapes = {
                    path: tuple(leaf.shape)  # type: ignore[attr-defined]
                    for name, value in named.items()
                    for path, leaf in tree.walk(value, name)
                    if hasattr(leaf, "shape")
                }
                pairs.append((call_sizes(run.domain, shapes), entry["expects"]["outputs"]))
    return pairs


def _result(
    run: Conversion, captured: Captured, faithful: bool, findings: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    request = run.request
    proved = any(finding["verdict"] == "proved" for finding in findings)
    return {
        "schema_version": 1,
        "model": request.model,
        "mode_asked": request.mode,
        "mode_used": captured.mode,
        "faithful": faithful,
        "training": run.subject.training,
        "bundle": request.output,
        "submodules": captured.submodules,
        "cases": [{"name": c.plan.name, "kind": c.plan.kind} for c in run.recorded],
        "mismatches": [mismatch.to_json() for mismatch in run.mismatches],
        "findings": list(findings),
        "diff": captured.diff,
        "exit_code": 1 if proved or run.mismatches else 0,
        "error": None,
    }
