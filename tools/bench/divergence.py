#!/usr/bin/env python3
"""Measures the search for divergence on the development corpus, beside what PyTorch itself offers.

    tools/bench/divergence.py [--budget SECONDS] [--instruments NAME,...] [--verbose] [NAME-PART ...]

Every module under testdata/models that marks its lines with `# diverges` is divergent, every other harmless; `INPUTS`
declares its domain. For each instrument: how many divergent modules it flags and proves, on how many it names a right
line, how many of the lines it names are right, how many harmless ones it flags, and the time. A counterexample
is counted only when model and artifact disagree on it in a process of its own. `auto` and `script` convert: a
conversion is faithful where a second search, with another seed, finds no input on which the file is wrong; one that
was claimed to be faithful and is not is a wrong claim.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "converter"))

import torch  # noqa: E402
from torch.export import Dim  # noqa: E402
from torch.utils._pytree import tree_leaves, tree_map  # noqa: E402

torch.set_num_threads(1)  # before the first operator: forking stays safe

from torchassay.base.child import run_child  # noqa: E402
from torchassay.capture.artifact import CaptureFailure  # noqa: E402
from torchassay.capture.script import script  # noqa: E402
from torchassay.capture.trace import trace  # noqa: E402
from torchassay.explore.counterexample import Options  # noqa: E402
from torchassay.explore.search import search  # noqa: E402
from torchassay.inputs.call import Call  # noqa: E402
from torchassay.inputs.domain import Domain, build_domain  # noqa: E402
from torchassay.inputs.spec import parse_input_spec  # noqa: E402
from torchassay.judge.judge import judge  # noqa: E402
from torchassay.loading.examples import load_examples  # noqa: E402
from torchassay.loading.load import Subject, load  # noqa: E402
from torchassay.sense.sense import sense  # noqa: E402

MODELS = ROOT / "testdata" / "models"
LIMIT = 120.0


@dataclass(frozen=True)
class Module:
    """One module of the corpus; `lines` are the right ones, empty for a harmless module."""

    path: Path
    subject: Subject
    specs: tuple[str, ...]
    domain: Domain
    lines: frozenset[int]


@dataclass(frozen=True)
class Report:
    """What an instrument said about a module. `lines` are those it named in the module's own file."""

    flagged: bool
    proved: bool = False
    lines: tuple[int, ...] = ()
    faithful: bool = False
    wrong_claim: bool = False


@dataclass
class Tally:
    """One row of the table."""

    divergent: int = 0
    flagged: int = 0
    proved: int = 0
    placed: int = 0
    named: int = 0
    right: int = 0
    harmless: int = 0
    alarms: int = 0
    false_proofs: int = 0
    faithful: int = 0
    wrong_claims: int = 0
    seconds: float = 0.0
    misses: list[str] = field(default_factory=list)

    def add(self, module: Module, report: Report, seconds: float) -> None:
        self.seconds += seconds
        self.faithful += report.faithful
        self.wrong_claims += report.wrong_claim
        if module.lines:
            self._add_divergent(module, report)
        else:
            self.harmless += 1
            self.alarms += report.flagged
            self.false_proofs += report.proved
            self.misses += [f"{module.path.stem} (false alarm)"] if report.flagged else []

    def _add_divergent(self, module: Module, report: Report) -> None:
        right = [line for line in report.lines if line in module.lines]
        self.divergent += 1
        self.flagged += report.flagged
        self.proved += report.proved
        self.placed += bool(right)
        self.named += len(report.lines)
        self.right += len(right)
        if not (report.proved and right):
            self.misses.append(module.path.stem)


def corpus(parts: list[str]) -> list[Path]:
    paths = sorted(path for path in MODELS.glob("*.py") if "INPUTS" in path.read_text())
    return [path for path in paths if not parts or any(part in path.stem for part in parts)]


def read(path: Path) -> Module:
    text = path.read_text()
    lines = frozenset(number for number, line in enumerate(text.splitlines(), 1) if "# diverges" in line)
    subject = load(f"{path}:build")
    examples = load_examples(f"{path}:example_inputs", subject.parameters)
    specs = declared(text)
    domain = build_domain(subject.parameters, examples, [parse_input_spec(spec) for spec in specs])
    return Module(path, subject, tuple(specs), domain, lines)


def declared(text: str) -> list[str]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "INPUTS":
            return list(ast.literal_eval(node.value))
    return []


def own_lines(module: Module, places: list[tuple[str | None, int | None]]) -> tuple[int, ...]:
    return tuple({line for file, line in places if line and file and Path(file).name == module.path.name})


def ours(module: Module, budget: float) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        return traced(module, budget, Path(folder))


def traced(module: Module, budget: float, folder: Path) -> Report:
    example = module.domain.examples[0]
    artifact = trace(module.subject, example, folder=folder, timeout=LIMIT)
    if isinstance(artifact, CaptureFailure):
        return Report(flagged=True)
    sensed = sense(module.subject, example)
    found = search(module.subject, module.domain, artifact.path, Options(budget=budget))
    findings = judge(module.subject, module.domain, sensed, found)
    shown = [each for each in findings if each.verdict in ("proved", "possible")]
    proved = any(each.verdict == "proved" for each in findings)
    return Report(bool(shown), proved, own_lines(module, [(each.file, each.line) for each in shown]))


def repaired(module: Module, budget: float) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        bundle, result = Path(folder, "model.assay"), Path(folder, "result.json")
        reference = [f"{module.path}:build", "--inputs-from", f"{module.path}:example_inputs"]
        inputs = [word for spec in module.specs for word in ("--input", spec)]
        command = [sys.executable, "-m", "torchassay", "convert", *reference, *inputs, "--mode", "auto", "--quiet"]
        wanted = ["--budget", str(budget), "--json", str(result), "-o", str(bundle)]
        environment = os.environ | {"PYTHONPATH": str(ROOT / "converter")}
        subprocess.run([*command, *wanted], check=False, env=environment, capture_output=True)
        claimed = result.is_file() and bool(json.loads(result.read_text())["faithful"])
        faithful = claimed and stands(module, bundle / "model.pt", budget)
        return Report(flagged=not claimed, faithful=faithful, wrong_claim=claimed and not faithful)


def stands(module: Module, artifact: Path, budget: float) -> bool:
    """Whether a search of its own finds no input on which the artifact is wrong."""
    return not search(module.subject, module.domain, artifact, Options(budget=budget, seed=1)).counterexamples


def in_child(function: Callable[[], Report]) -> Report:
    result = run_child(function, timeout=LIMIT)
    return result.value if result.status == "ok" and result.value is not None else Report(flagged=True)


def tracer_warnings(module: Module) -> Report:
    def observe() -> Report:
        call = module.domain.examples[0]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            torch.jit.trace(
                module.subject.fresh().model, call.args, example_kwarg_inputs=None, check_trace=False, strict=False
            )
        telling = [item for item in caught if issubclass(item.category, torch.jit.TracerWarning)]
        return Report(bool(telling), lines=own_lines(module, [(item.filename, item.lineno) for item in telling]))

    return in_child(observe)


def check_trace(module: Module) -> Report:
    def observe() -> Report:
        call, rng = module.domain.examples[0], random.Random(0)
        others = [module.domain.sample(rng, sizes=module.domain.example_sizes()).args for _ in range(5)]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            torch.jit.trace(module.subject.fresh().model, call.args, check_inputs=others, strict=False)
        return Report(any("does not match" in str(item.message) for item in caught))

    return in_child(observe)


def scripting(module: Module, budget: float) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        artifact = script(module.subject, folder=Path(folder), timeout=LIMIT)
        if isinstance(artifact, CaptureFailure):
            return Report(flagged=False)
        faithful = stands(module, artifact.path, budget)
        return Report(flagged=False, faithful=faithful, wrong_claim=not faithful)


def exporting(module: Module) -> Report:
    def observe() -> Report:
        call = module.domain.examples[0]
        try:
            model, shapes = module.subject.fresh().model, declared_shapes(module)
            torch.export.export(model, call.args, dict(call.kwargs), dynamic_shapes=shapes, strict=False)
        except Exception as error:
            return Report(flagged=True, lines=lines_in(str(error), module))
        return Report(flagged=False)

    return in_child(observe)


def declared_shapes(module: Module) -> tuple[object, ...]:
    """Every dimension that the declared domain lets vary, as a user of torch.export declares it."""
    rng = random.Random(0)
    example, *others = [module.domain.examples[0], *(module.domain.sample(rng) for _ in range(12))]
    sizes = [[leaf.shape for leaf in tree_leaves(leaves_of(call)) if isinstance(leaf, torch.Tensor)] for call in others]
    place = iter(range(len(sizes[0]) if sizes else 0))

    def varying(leaf: object) -> object:
        if not isinstance(leaf, torch.Tensor):
            return None
        at = next(place)
        seen = [shapes[at] for shapes in sizes if at < len(shapes) and len(shapes[at]) == leaf.dim()]
        return [Dim.DYNAMIC if any(shape[i] != leaf.shape[i] for shape in seen) else Dim.STATIC for i in range(leaf.dim())]

    return tuple(tree_map(varying, leaves_of(example)))


def leaves_of(call: Call) -> list[object]:
    return [*call.args, *call.kwargs.values()]


def lines_in(text: str, module: Module) -> tuple[int, ...]:
    found = re.findall(rf"{re.escape(module.path.name)}\"?, line (\d+)", text)
    return (int(found[-1]),) if found else ()


def share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({100 * part / whole:.0f} %)" if whole else "-"


def show(tallies: dict[str, Tally]) -> None:
    head = ("instrument", "flagged", "proved", "line named", "lines right", "false alarms", "false proofs", "faithful",
            "wrong claims", "s")  # fmt: skip
    rows = [head]
    for name, tally in tallies.items():
        total = tally.divergent + tally.harmless
        rows.append((
            name, share(tally.flagged, tally.divergent), share(tally.proved, tally.divergent),
            share(tally.placed, tally.divergent), share(tally.right, tally.named), share(tally.alarms, tally.harmless),
            str(tally.false_proofs), share(tally.faithful, total), str(tally.wrong_claims),
            f"{tally.seconds:.0f}",
        ))  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="NAME-PART")
    parser.add_argument("--budget", type=float, default=10.0)
    parser.add_argument("--instruments", default="all", help="those to use, with commas between them")
    parser.add_argument("--verbose", action="store_true", help="one line for each module")
    options = parser.parse_args()
    instruments: dict[str, Callable[[Module], Report]] = {
        "trace": lambda module: ours(module, options.budget),
        "auto": lambda module: repaired(module, options.budget),
        "TracerWarning": tracer_warnings,
        "check_trace": check_trace,
        "script": lambda module: scripting(module, options.budget),
        "export": exporting,
    }
    if options.instruments != "all":
        instruments = {name: instruments[name] for name in options.instruments.split(",")}
    tallies = {name: Tally() for name in instruments}
    for path in corpus(options.parts):
        module = read(path)
        for name, instrument in instruments.items():
            started = time.monotonic()
            report = instrument(module)
            tallies[name].add(module, report, time.monotonic() - started)
        if options.verbose:
            print(path.stem, file=sys.stderr, flush=True)
    show(tallies)
    if "trace" in tallies:
        print(f"\nnot proved at a right line, or a false alarm: {', '.join(tallies['trace'].misses) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
