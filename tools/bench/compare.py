"""How fast two tensors are compared, all statistics included, as ratios in one run.

    tools/bench/compare.py [--mebibytes 256] [--times 5]

Against a plain read of the same memory (goal: 0.85 of its speed) and against torch.testing.assert_close and
numpy.testing.assert_allclose on one thread (goal: 50 times as fast). Every figure is the smallest of several runs.
Needs the environment of tools/bootstrap; builds the C++ side with Bazel unless --binary names it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch

CHECKOUT = Path(__file__).resolve().parents[2]
TARGET = "//validator/compare:compare_bench"
READ_GOAL = 0.85
PEER_GOAL = 50


class Figures(TypedDict):
    """One line of compare_bench."""

    data: str
    bytes: int
    read_s: float
    compare_s: float
    mismatched: int


def build() -> Path:
    """Builds the C++ benchmark and returns its path."""
    subprocess.run(["bazel", "build", TARGET], cwd=CHECKOUT, check=True)
    return CHECKOUT / "bazel-bin/validator/compare/compare_bench"


def measure_ours(binary: Path, mebibytes: int, times: int) -> list[Figures]:
    """Runs the C++ benchmark."""
    ran = subprocess.run([binary, str(mebibytes), str(times)], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def quickest(work: Callable[[], object], times: int) -> float:
    """Seconds of the quickest run."""
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def swallow(check: Callable[[], object]) -> None:
    """Runs a check of which only the time matters."""
    with contextlib.suppress(AssertionError):
        check()


def peers(mebibytes: int, times: int) -> dict[tuple[str, str], float]:
    """Seconds by (kind of data, peer)."""
    torch.set_num_threads(1)
    count = mebibytes << 18
    generator = torch.Generator().manual_seed(1)
    expected = torch.randn(count, generator=generator)
    noise = torch.randn(count, generator=generator)
    kinds = {
        "equal": expected.clone(),
        "noise within tolerance": expected * (1 + 2e-7 * noise),
        "beyond tolerance everywhere": expected * (1 + 1e-2 * noise),
    }
    found = {}
    for kind, actual in kinds.items():
        a, e = actual.numpy(), expected.numpy()
        found[kind, "torch.testing.assert_close"] = quickest(
            lambda a=actual: swallow(lambda: torch.testing.assert_close(a, expected)), times
        )
        found[kind, "numpy.testing.assert_allclose"] = quickest(
            lambda a=a, e=e: swallow(
                lambda: np.testing.assert_allclose(a, e, rtol=1.3e-6, atol=1e-5)
            ),
            times,
        )
    return found


def main() -> int:
    """Prints the table; the exit status is 0 whatever it says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mebibytes", type=int, default=256, help="of one side")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--binary", type=Path, help="an already built compare_bench")
    options = parser.parse_args()
    ours = measure_ours(options.binary or build(), options.mebibytes, options.times)
    theirs = peers(options.mebibytes, min(options.times, 3))
    out = sys.stdout.write
    out(f"2 x {options.mebibytes} MiB of f32, one thread, every statistic\n\n")
    for line in ours:
        speed = line["bytes"] / line["compare_s"] / 1e9
        ratio = line["read_s"] / line["compare_s"]
        out(f"{line['data']:<30}{line['compare_s'] * 1e3:8.1f} ms {speed:6.1f} GB/s\n")
        out(f"    of a plain read's speed{ratio:28.2f} x  (goal {READ_GOAL})\n")
        for (kind, peer), seconds in theirs.items():
            if kind == line["data"]:
                out(f"    against {peer:<35}{seconds / line['compare_s']:8.1f} x  (goal {PEER_GOAL})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
