"""How fast the program is, as ratios to its peers in one run: each line is a goal of the project.

    tools/bench/speed [validate inspect start fleet convert]

Every figure is the smallest of several runs (interference only ever adds), of the whole process, with what is expensive in it:
start, load, hash, run, compare. `compare` has a benchmark of its own, tools/bench/compare.py.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
MODELS = CHECKOUT / "testdata" / "demo"
PROGRAM = CHECKOUT / ".torchassay" / "bin" / "torchassay"
BARE = CHECKOUT / "bazel-bin" / "tools" / "bench"
PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Run:
    """One process: wall seconds, and the most memory it held, in bytes."""

    seconds: float
    memory: int


def run_once(command: Sequence[str | Path], *, status: int = 0) -> Run:
    """Runs a command with its output discarded; ends the benchmark where it exits otherwise than `status`."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, usage = wait_for(process)
    seconds = time.perf_counter() - started
    if process.returncode != status:
        words = " ".join(str(word) for word in command)
        message = process.stderr.read().decode() if process.stderr else ""
        sys.exit(f"exit {process.returncode} from: {words}\n{message}")
    return Run(seconds, usage.ru_maxrss * 1024)


def wait_for(process: subprocess.Popen[bytes]) -> tuple[int, resource.struct_rusage]:
    """Waits for a process and takes its own resource usage, which `Popen.wait` throws away."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def best(command: Sequence[str | Path], *, times: int = 5, status: int = 0) -> Run:
    """The quickest of several runs, and the largest memory of any."""
    runs = [run_once(command, status=status) for _ in range(times)]
    return Run(min(r.seconds for r in runs), max(r.memory for r in runs))


def line(what: str, ours: float, peer: str, theirs: float, goal: str) -> None:
    """Prints one ratio."""
    print(
        f"{what:<44} {ours * 1e3:9.1f} ms  {ours / theirs:7.3f} x  {peer} ({theirs * 1e3:.1f} ms), goal {goal}"
    )


def python_script(text: str) -> list[str]:
    """The command that runs a few lines of Python with warnings off."""
    return [PYTHON, "-W", "ignore", "-c", text]


def convert(model: str, inputs: str, bundle: Path, *more: str) -> None:
    """Converts one of the demo's models into `bundle`."""
    command = [CHECKOUT / "tools" / "torchassay", "convert", MODELS / model, "--quiet"]
    run_once([*command, "--inputs-from", MODELS / inputs, "-o", bundle, *more])


def bench_validate(work: Path) -> None:
    """`validate` of ResNet18 with eight cases against a bare LibTorch program and against Python."""
    bundle = work / "resnet18.assay"
    convert("resnet18.py:build", "resnet18.py:example_inputs", bundle, "--mode=trace", "--cases=8", "--budget=0")
    model = bundle / "model.pt"
    ours = best([PROGRAM, "validate", bundle])
    bare = best([BARE / "bare_libtorch", model, "8", "1", "3", "224", "224"])
    python = best(
        python_script(
            "import torch\n"
            f"m = torch.jit.load({str(model)!r})\n"
            "with torch.inference_mode():\n"
            "    for _ in range(8):\n"
            "        x = torch.rand(1, 3, 224, 224)\n"
            "        torch.testing.assert_close(m(x), m(x))\n"
        ),
        times=3,
    )
    line("validate, ResNet18, 8 cases", ours.seconds, "bare LibTorch", bare.seconds, "<= 1.15 x")
    line("the same", ours.seconds, "Python load + assert_close", python.seconds, "<= 0.4 x")


def bench_inspect(work: Path) -> None:
    """`inspect` of a 400 MB file with and without checksums against `torch::jit::load`."""
    model = work / "large.pt"
    text = "import torch\nm = torch.nn.Sequential(*[torch.nn.Linear(5120, 5120) for _ in range(4)])\n"
    run_once(python_script(text + f"torch.jit.script(m).save({str(model)!r})"))
    load = best([BARE / "bare_libtorch", model, "0"])
    checked = best([PROGRAM, "inspect", model])
    unchecked = best([PROGRAM, "inspect", model, "--no-checksums"])
    size = model.stat().st_size / 1e6
    line(f"inspect, {size:.0f} MB, every CRC", checked.seconds, "torch::jit::load", load.seconds, "<= 0.15 x")
    line("inspect --no-checksums", unchecked.seconds, "torch::jit::load", load.seconds, "<= 0.05 x")
    print(f"{'its memory':<44} {checked.memory / 2**20:9.1f} MiB resident, goal <= 50 MiB")


def bench_start(work: Path) -> None:
    """`--help`, and `inspect` of a small file, against an empty C++ program."""
    model = work / "small.pt"
    run_once(python_script(f"import torch\ntorch.jit.script(torch.nn.Linear(4, 4)).save({str(model)!r})"))
    empty = best([BARE / "empty"], times=30)
    for what, command in [("--help", ["--help"]), ("inspect, small file", ["inspect", model])]:
        ours = best([PROGRAM, *command], times=30)
        more = (ours.seconds - empty.seconds) * 1e3
        print(f"{what:<44} {ours.seconds * 1e3:9.1f} ms  {more:+7.2f} ms over an empty program, goal <= 10 ms")


def bench_fleet(work: Path) -> None:
    """200 small bundles with two jobs against one Python process each (20 measured, two at a time)."""
    first = work / "fleet" / "000.assay"
    first.parent.mkdir()
    convert("my_module.py:MyModule", "my_module.py:example_inputs", first, "--mode=script", "--budget=0")
    bundles = [first]
    for number in range(1, 200):
        bundles.append(first.with_name(f"{number:03}.assay"))
        shutil.copytree(first, bundles[-1])
    ours = best([PROGRAM, "validate", *bundles, "--jobs", "2"], times=3)
    text = (
        f"import torch\nm = torch.jit.load({str(first / 'model.pt')!r})\nx = torch.rand(20)\n"
        "torch.testing.assert_close(m(x), m(x))"
    )
    started = time.perf_counter()
    for _ in range(10):
        pair = [subprocess.Popen(python_script(text)) for _ in range(2)]
        for process in pair:
            process.wait()
    theirs = (time.perf_counter() - started) * 10
    print(
        f"{'200 small bundles, 2 jobs':<44} {ours.seconds * 1e3:9.1f} ms  {theirs / ours.seconds:7.1f} x the throughput of "
        f"one Python process each ({theirs:.1f} s, from 20 of them), goal >= 30 x"
    )


def bench_convert(work: Path) -> None:
    """`convert --mode trace --budget 0` against `torch.jit.trace` with its default check."""
    for name in ("resnet18", "sentence_encoder"):
        bundle = work / f"{name}.assay"
        command = [CHECKOUT / "tools" / "torchassay", "convert", MODELS / f"{name}.py:build", "--inputs-from"]
        command += [MODELS / f"{name}.py:example_inputs", "--mode=trace", "--budget=0", "--cases=1"]
        ours = best([*command, "--quiet", "-o", bundle], times=3)
        theirs = best(
            python_script(
                f"import sys; sys.path.insert(0, {str(MODELS)!r})\n"
                f"import torch, {name} as m\n"
                "x = m.example_inputs()\n"
                "x = x[0] if isinstance(x, list) else x\n"
                f"torch.jit.trace(m.build(), x).save({str(work / 'trace.pt')!r})\n"
            ),
            times=3,
        )
        line(f"convert --mode trace --budget 0, {name}", ours.seconds, "torch.jit.trace", theirs.seconds, "<= 4 x")


BENCHES: dict[str, Callable[[Path], None]] = {
    "start": bench_start,
    "inspect": bench_inspect,
    "validate": bench_validate,
    "fleet": bench_fleet,
    "convert": bench_convert,
}


def main() -> None:
    """Runs the named benchmarks, or all."""
    unknown = set(sys.argv[1:]) - set(BENCHES)
    if unknown:
        sys.exit(f"error: no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    for name in sys.argv[1:] or BENCHES:
        with tempfile.TemporaryDirectory() as work:
            BENCHES[name](Path(work))


if __name__ == "__main__":
    main()
