"""The parent process of `convert`: reads the command line, starts the worker, shows what it finds."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torchassay import __version__
from torchassay.base.atomic import check_replaceable, staging_place, write_file
from torchassay.base.errors import ConverterError, UsageError
from torchassay.cli.arguments import parse
from torchassay.cli.progress import Progress
from torchassay.cli.render import error_text, findings_text, result_text
from torchassay.cli.request import Request
from torchassay.cli.spawn import Lost, Worker, choose_python
from torchassay.findings.finding import finding_from_json
from torchassay.findings.sarif import sarif_log
from torchassay.inputs.spec import SpecError, parse_input_spec

_INTERRUPTED = 130


def main(argv: Sequence[str]) -> int:
    """Run `convert`; the exit code."""
    words = list(argv)
    if words[:1] == ["convert"]:
        words = words[1:]
    try:
        return _convert(parse(words))
    except ConverterError as error:
        return _usage(words, error)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: nothing was written\n")
        return _INTERRUPTED


def _usage(words: Sequence[str], error: ConverterError) -> int:
    """A wrong command line; the JSON is written all the same when its place can be told."""
    options = Namespace(model=None, mode=None, json=_value_of("--json", words), sarif=None)
    outcome = _complete(_outcome_of(error), options)
    _write_reports(outcome, options)
    sys.stderr.write(error_text(outcome))
    return error.exit_code


def _value_of(flag: str, words: Sequence[str]) -> str | None:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == flag and following and not following.startswith("-"):
            return following
        if word.startswith(f"{flag}="):
            return word.partition("=")[2] or None
    return None


def _convert(options: Namespace) -> int:
    try:
        request = _request(options)
        python, _ = choose_python(options.python, dict(os.environ))
        if options.python and not os.access(python, os.X_OK):
            raise UsageError(f"--python: there is no program `{python}`")
        outcome = _run(python, request, quiet=options.quiet)
    except ConverterError as error:
        outcome = _outcome_of(error)
    folder = outcome.pop("folder", None)
    outcome = _complete(outcome, options)
    _write_reports(outcome, options)
    source = Path(folder) if folder else Path(options.model.rpartition(":")[0]).parent
    if outcome["error"] is not None:
        stops = findings_text(outcome["findings"], source)
        sys.stderr.write("\n".join(stops) + "\n" if stops else error_text(outcome))
    if outcome["bundle"] is not None:
        sys.stdout.write(result_text(outcome, source, quiet=options.quiet))
    return int(outcome["exit_code"])


def _request(options: Namespace) -> Request:
    """Everything that can be checked without the user's Python is checked here."""
    for text in options.input:
        parse_input_spec(text)
    output = options.output or f"{_default_name(options.model)}.assay"
    check_replaceable(Path(output))
    return Request(
        model=options.model,
        output=output,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        kwargs=options.kwargs,
        weights=options.weights,
        method=options.method,
        inputs=tuple(options.input),
        inputs_from=options.inputs_from,
        mode=options.mode,
        cases=options.cases,
        seed=options.seed,
        budget=options.budget,
        timeout=options.timeout,
        memory=options.memory,
        record_submodules=options.record_submodules,
    )


def _default_name(model: str) -> str:
    place, colon, name = model.rpartition(":")
    return name.rpartition(".")[2] if colon and place else Path(model).stem


@contextlib.contextmanager
def swept(request: Request) -> Iterator[Request]:
    """The request with places for what is half done; they are gone afterwards, even when the worker was killed."""
    staging = staging_place(Path(request.output))
    with tempfile.TemporaryDirectory(prefix="torchassay-") as scratch:
        try:
            yield replace(request, scratch=scratch, staging=str(staging))
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _run(python: str, asked: Request, *, quiet: bool) -> dict[str, Any]:
    with Progress(quiet=quiet) as progress, swept(asked) as request, Worker(python, request) as worker:
        for event in worker.events():
            if isinstance(event, Lost):
                return {"error": {"message": event.message, "help": event.help}, "exit_code": event.exit_code}
            if event["event"] == "done":
                return dict(event["result"])
            if event["event"] == "error":
                return _error_event(event)
            progress.show(event)
    raise ConverterError("the worker ended without an answer")


def _error_event(event: dict[str, Any]) -> dict[str, Any]:
    details = {key: event[key] for key in ("text", "position", "trace") if key in event}
    return {
        "error": {"message": event["message"], "help": event["help"], **details},
        "exit_code": event["exit_code"],
        **event.get("result", {}),
    }


def _outcome_of(error: ConverterError) -> dict[str, Any]:
    details: dict[str, Any] = {"message": error.message, "help": error.help}
    if isinstance(error, SpecError):
        details |= {"text": error.text, "position": error.position}
    return {"error": details, "exit_code": error.exit_code}


def _complete(outcome: dict[str, Any], options: Namespace) -> dict[str, Any]:
    """The same keys for every way in which a conversion can end."""
    skeleton: dict[str, Any] = {
        "schema_version": 1,
        "model": options.model,
        "mode_asked": options.mode,
        "mode_used": None,
        "faithful": False,
        "training": False,
        "bundle": None,
        "submodules": [],
        "cases": [],
        "mismatches": [],
        "findings": [],
        "diff": None,
        "exit_code": 2,
        "error": None,
    }
    return skeleton | outcome


def _write_reports(outcome: dict[str, Any], options: Namespace) -> None:
    if options.json:
        text = json.dumps(outcome, indent=1, ensure_ascii=False)
        write_file(Path(options.json), text + "\n")
    if options.sarif:
        findings = [finding_from_json(finding) for finding in outcome["findings"]]
        log = sarif_log(findings, version=__version__, model=_default_name(options.model))
        write_file(Path(options.sarif), json.dumps(log, indent=1, ensure_ascii=False) + "\n")
