"""One conversion from request to bundle, in the worker: load, choose an artifact, record, write."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch

from torchassay.base.atomic import atomic_directory, check_replaceable
from torchassay.base.events import Events
from torchassay.bundle.manifest import Contents, Source, write_manifest
from torchassay.bundle.signature import input_entries, output_entries
from torchassay.bundle.tolerance import Tolerance, measure
from torchassay.cli.modes import Outcome, Workshop, choose
from torchassay.cli.outcome import conversion_json, result_json, settled_findings
from torchassay.cli.references import References
from torchassay.cli.request import Request
from torchassay.explore.copies import with_true_copies
from torchassay.inputs.domain import build_domain
from torchassay.inputs.spec import parse_input_spec
from torchassay.loading.examples import load_examples
from torchassay.loading.load import Subject, load

_NOISE_CASES = 2


def convert(request: Request, events: Events) -> dict[str, Any]:
    """The whole job; the result is what `--json` shows, with the exit code."""
    specs = [parse_input_spec(text) for text in request.inputs]
    target = Path(request.output)
    check_replaceable(target)
    subject = _load(request, events)
    events.stage("inputs", "reading the example inputs", limit=request.timeout)
    examples = load_examples(request.inputs_from, subject.parameters) if request.inputs_from else ()
    domain = build_domain(subject.parameters, examples, specs)
    with (
        atomic_directory(target, Path(request.staging) if request.staging else None) as bundle,
        tempfile.TemporaryDirectory(prefix="torchassay-", dir=request.scratch) as scratch,
    ):
        subject = with_true_copies(subject, domain.examples[0], timeout=request.timeout)
        references = References(subject, domain, request, bundle)
        events.stage("record", "running the model on its example", limit=None)
        shop = Workshop(request, events, subject, domain, references, Path(scratch), bundle)
        outcome = choose(shop)
        return _write(shop, outcome)


def _load(request: Request, events: Events) -> Subject:
    place = request.model.rpartition(":")[0] or request.model
    events.stage("load", f"importing `{Path(place).name}`", limit=request.timeout)
    subject = load(
        request.model,
        kwargs=request.kwargs,
        weights=Path(request.weights) if request.weights else None,
        method=request.method,
    )
    torch.set_num_threads(1)  # the user's file may have asked for more, and forking needs one
    return subject


def _write(shop: Workshop, outcome: Outcome) -> dict[str, Any]:
    shop.events.stage("write", "measuring tolerances and writing the bundle", limit=None)
    request, subject, references = shop.request, shop.subject, shop.references
    shutil.move(outcome.artifact.path, shop.bundle / "model.pt")
    findings = settled_findings(outcome, subject)
    contents = Contents(
        created=request.created,
        source=_source(request, subject),
        conversion=conversion_json(outcome, request, subject),
        inputs=input_entries(shop.domain),
        outputs=output_entries(references.observed()),
        tolerances=[tolerance.to_json() for tolerance in _tolerances(shop)],
        cases=[case.entry for case in references.cases],
        findings=[finding.to_json() for finding in findings],
    )
    write_manifest(shop.bundle, contents)
    return result_json(outcome, findings, request, subject, references)


def _source(request: Request, subject: Subject) -> Source:
    weights = Path(request.weights) if request.weights else None
    file = subject.file if request.model.rpartition(":")[0].endswith(".py") else None
    return Source(subject.reference, request.method, request.kwargs, file, weights)


def _tolerances(shop: Workshop) -> list[Tolerance]:
    references = shop.references
    cases = [case for case in references.cases if case.error is None][:_NOISE_CASES]
    recorded = {case.plan.name: references.outputs(case) for case in cases}
    return measure(shop.subject, [case.plan for case in cases], timeout=shop.request.timeout, recorded=recorded)
