#!/usr/bin/env python3
"""Converts models of torchvision, timm and transformers: what is found in them, and how long it takes.

    tools/bench/zoo.py [--library NAME] [--budget SECONDS] [--dynamic] [--mode MODE] [--processes] [--verbose] [NAME-PART ...]

Nobody has planted a divergence in these models, so every finding is to be read: `proved` must be true, `possible` is noise
until it is shown to be more. Without `--dynamic` shapes are fixed and values vary; with it batch, length, height and width
vary as a user would declare them.

The time is that of the conversion from building the model to the finished bundle, beside building it, `torch.jit.trace`
with its default check, and saving; each in a process forked after the libraries were imported, on one thread. `own` is the
ratio of what is left when building, which both do, is taken off. With `--processes` both are whole processes instead, from
the command line of `convert`, and what is taken off is importing as well.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
MODELS = CHECKOUT / "testdata" / "demo"  # holds torchvision_operators
BENCH = Path(__file__).resolve().parent  # holds zoo_written
LAUNCHER = CHECKOUT / "tools" / "torchassay"
sys.path[:0] = [str(CHECKOUT / "converter"), str(MODELS)]

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command starts its worker

import torch  # noqa: E402

torch.set_num_threads(1)  # before the first operator: forking stays safe

from torchassay.base.child import run_child  # noqa: E402
from torchassay.base.errors import ConverterError  # noqa: E402
from torchassay.base.events import Events  # noqa: E402
from torchassay.cli.pipeline import convert  # noqa: E402
from torchassay.cli.request import Request  # noqa: E402
from zoo_models import LIBRARIES, Entry, entries  # noqa: E402

VERDICTS = ("proved", "possible", "dismissed", "repaired", "failed")
PATIENCE = 900.0
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of building alone, of building and tracing (None where `torch.jit.trace` fails), and of converting."""

    start: float
    trace: float | None
    convert: float

    @property
    def whole(self) -> float | None:
        return None if self.trace is None else self.convert / self.trace

    @property
    def own(self) -> float | None:
        return None if self.trace is None else (self.convert - self.start) / max(self.trace - self.start, 1e-3)


class Forks:
    """Runs in forked children: the libraries are imported once."""

    def __init__(self, libraries: Sequence[str]) -> None:
        importlib.import_module("torchvision_operators")
        for name in libraries:
            importlib.import_module(name)

    def convert(self, folder: Path, specs: Sequence[str], options: argparse.Namespace) -> tuple[float, Result]:
        request = Request(
            model=f"{folder}/model.py:build",
            inputs_from=f"{folder}/model.py:example_inputs",
            output=f"{folder}/out.assay",
            created="2026-01-01T00:00:00Z",
            inputs=tuple(specs),
            mode=options.mode,
            budget=options.budget,
        )
        done = run_child(lambda: _converted(request), timeout=PATIENCE)
        if done.status == "ok" and done.value is not None:
            return done.value
        return done.seconds, {"exit_code": 5, "error": {"message": done.describe()}, "findings": []}

    def peers(self, folder: Path) -> tuple[float, float | None]:
        """Seconds of building, and of building, tracing and saving."""
        start = run_child(lambda: _clocked(lambda: _built(folder)), timeout=PATIENCE)
        trace = run_child(lambda: _clocked(lambda: _traced(folder)), timeout=PATIENCE)
        return start.value or 0.0, trace.value


def _converted(request: Request) -> tuple[float, Result]:
    started = time.perf_counter()
    try:
        result = convert(request, Events(None))
    except ConverterError as error:
        findings = [finding.to_json() for finding in getattr(error, "findings", ())]
        result = {"exit_code": error.exit_code, "error": {"message": error.message, "help": error.help}, "findings": findings}
    return time.perf_counter() - started, result


def _clocked(work: Callable[[], object]) -> float:
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _built(folder: Path) -> tuple[torch.nn.Module, Any]:
    sys.path.insert(0, str(folder))
    model = importlib.import_module("model")
    return model.build(), model.example_inputs()


def _traced(folder: Path) -> None:
    model, inputs = _built(folder)
    named = {"example_kwarg_inputs": inputs} if isinstance(inputs, dict) else {"example_inputs": inputs}
    torch.jit.trace(model, **named).save(str(folder / "plain.pt"))


class Processes:
    """Runs whole processes, as a user starts them."""

    _BUILD = "import sys; sys.path[:0] = [{models!r}, {folder!r}]\nimport torch, model as m\nbuilt, x = m.build(), m.example_inputs()\n"
    _TRACE = (
        "named = dict(example_kwarg_inputs=x) if isinstance(x, dict) else dict(example_inputs=x)\n"
        "torch.jit.trace(built, **named).save({folder!r} + '/plain.pt')\n"
    )

    def convert(self, folder: Path, specs: Sequence[str], options: argparse.Namespace) -> tuple[float, Result]:
        command = [LAUNCHER, "convert", folder / "model.py:build", "--inputs-from", folder / "model.py:example_inputs"]
        command += ["--mode", options.mode, "--budget", options.budget, "--json", folder / "out.json", "--quiet"]
        command += [word for spec in specs for word in ("--input", spec)]
        seconds, done = self._timed([*command, "-o", folder / "out.assay"])
        try:
            return seconds, dict(json.loads((folder / "out.json").read_text()))
        except FileNotFoundError:
            return seconds, {"exit_code": done.returncode, "error": {"message": done.stderr[-300:]}, "findings": []}

    def peers(self, folder: Path) -> tuple[float, float | None]:
        """Seconds of a Python that imports and builds, and of one that traces and saves as well."""
        places = {"models": str(MODELS), "folder": str(folder)}
        python = [sys.executable, "-W", "ignore", "-c"]
        start, _ = self._timed([*python, self._BUILD.format(**places)])
        seconds, done = self._timed([*python, (self._BUILD + self._TRACE).format(**places)])
        return start, seconds if done.returncode == 0 else None

    def _timed(self, command: Sequence[object]) -> tuple[float, subprocess.CompletedProcess[str]]:
        environment = {**os.environ, "PYTHONPATH": f"{MODELS}{os.pathsep}{BENCH}", "TORCHASSAY_PYTHON": sys.executable}
        words = [str(word) for word in command]
        started = time.perf_counter()
        done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=PATIENCE, check=False)
        return time.perf_counter() - started, done


def measure(entry: Entry, runner: Forks | Processes, folder: Path, options: argparse.Namespace) -> tuple[Result, Times]:
    """The result of converting an entry, and its times beside its peers': the best of `--repeat`."""
    (folder / "model.py").write_text(entry.source)
    specs = entry.dynamic if options.dynamic else ()
    runs = [runner.convert(folder, specs, options) for _ in range(options.repeat)]
    peers = [runner.peers(folder) for _ in range(options.repeat if not options.no_times else 0)]
    traces = [trace for _, trace in peers if trace is not None]
    start = min((start for start, _ in peers), default=0.0)
    return runs[0][1], Times(start, min(traces, default=None), min(seconds for seconds, _ in runs))


COLUMNS = "{:<34}{:<8}{:>4}  {:<9}{:>7}{:>9}{:>10}{:>9}  {:>6}{:>7}"


def row(entry: Entry, result: Result, times: Times) -> str:
    """One line of the table."""
    counts = Counter(finding["verdict"] for finding in result["findings"])
    return COLUMNS.format(
        f"{entry.library}/{entry.name}"[:33],
        result.get("mode_used") or "-",
        result["exit_code"],
        "faithful" if result.get("faithful") else "-",
        counts["proved"],
        counts["possible"],
        counts["dismissed"],
        f"{times.convert:.1f} s",
        *("-" if ratio is None else f"{ratio:.2f}" for ratio in (times.whole, times.own)),
    )


def details(result: Result) -> Iterator[str]:
    """What is to be read by a person: an error, mismatches, and findings that were not dismissed."""
    if result.get("error"):
        yield f"    {result['error']['message'][:300]}"
        yield f"      help: {result['error'].get('help')}"
    for mismatch in result.get("mismatches", ()):
        yield f"    mismatch in {mismatch['case']}: {mismatch['text']}"
    for finding in result["findings"]:
        if finding["verdict"] != "dismissed":
            place = f"{finding['file']}:{finding['line']}"
            yield f"    {finding['verdict']} {finding['code']} {place} {finding['message'][:200]}"


def present(wanted: Sequence[str]) -> list[str]:
    """The libraries that are installed; of the others it is said that their models are left out."""
    found = []
    for name in wanted:
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed: its models are left out (tools/requirements/models.txt)", file=sys.stderr)
        else:
            found.append(name)
    return found


def summary(results: Sequence[Result], times: Sequence[Times]) -> str:
    """Totals: how many were converted, what was found, and the ratios of the times."""
    counts = Counter(finding["verdict"] for result in results for finding in result["findings"])
    faithful = sum(bool(result.get("faithful")) for result in results)
    written = sum(bool(result.get("bundle")) for result in results)
    lines = [
        f"{len(results)} models: {written} converted, {faithful} faithful",
        "findings: " + (", ".join(f"{counts[name]} {name}" for name in VERDICTS if counts[name]) or "none"),
    ]
    for name, ratios in (("whole", [each.whole for each in times]), ("own", [each.own for each in times])):
        known = sorted(ratio for ratio in ratios if ratio is not None)
        if known:
            middle = known[len(known) // 2]
            lines.append(f"time {name}: median {middle:.2f} x torch.jit.trace, largest {known[-1]:.2f} x, of {len(known)}")
    return "\n".join(lines)


def main() -> int:
    """Prints the table; the exit status is 0 whatever it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="NAME-PART", help="only models whose name holds one of these")
    parser.add_argument("--library", action="append", choices=LIBRARIES)
    parser.add_argument("--budget", type=float, default=0.0, help="of the search, in seconds (0)")
    parser.add_argument("--mode", default="trace", choices=("trace", "auto", "script", "hybrid"))
    parser.add_argument("--dynamic", action="store_true", help="declare the sizes that a user would")
    parser.add_argument("--processes", action="store_true", help="time whole processes")
    parser.add_argument("--no-times", action="store_true", help="leave torch.jit.trace out")
    parser.add_argument("--repeat", type=int, default=1, help="take the best of so many times")
    parser.add_argument("--verbose", action="store_true", help="print what is proved and possible, and errors")
    options = parser.parse_args()
    libraries = present(options.library or LIBRARIES)
    runner = Processes() if options.processes else Forks(libraries)
    results: list[Result] = []
    times: list[Times] = []
    print(COLUMNS.format("model", "mode", "exit", "", "proved", "possible", "dismissed", "convert", "whole", "own"))
    for entry in entries():
        if entry.library not in libraries or not any(part in entry.name for part in options.parts or ("",)):
            continue
        with tempfile.TemporaryDirectory() as folder:
            result, taken = measure(entry, runner, Path(folder), options)
        results.append(result)
        times.append(taken)
        print(row(entry, result, taken), flush=True)
        for line in details(result) if options.verbose else ():
            print(line, flush=True)
    print("\n" + summary(results, times))
    return 0


if __name__ == "__main__":
    sys.exit(main())
