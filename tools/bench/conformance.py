"""Which comparison lets a wrong pair pass? The battery of testdata/conformance on us and on three peers, side by side.

    tools/bench/conformance [--program tools/torchassay] [--markdown]

A peer is used as its documentation says, in its favour: assert_close and assert_allclose on each reference by name,
Polygraphy's comparator on all of one iteration, with infinities asked to be equal; peers without a tolerance for each
dtype are given ours. "wrong" marks a pair that passes though it must not, or fails though it is right. A pair that
holds nothing to compare must not pass. Of ourselves the exit status is asked: 1 where a pair differs, 3 where nothing
was compared. Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

CHECKOUT = Path(__file__).resolve().parents[2]
BATTERY = CHECKOUT / "testdata/conformance/battery.json"
DTYPES = {
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "f32": torch.float32,
    "f64": torch.float64,
    "i8": torch.int8,
    "i16": torch.int16,
    "i32": torch.int32,
    "i64": torch.int64,
    "u8": torch.uint8,
    "bool": torch.bool,
    "c64": torch.complex64,
    "c128": torch.complex128,
}
TOLERANCES = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.complex64: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
    torch.complex128: (1e-7, 1e-7),
}
STATUSES = {"pass": 0, "fail": 1, "nothing": 3}
Tensors = Mapping[str, torch.Tensor]
Pair = dict[str, Any]
Peer = Callable[[Pair, Tensors, Tensors], bool]


def number(value: Any) -> Any:
    """A JSON value as a number."""
    if isinstance(value, list):
        return complex(*(float(part) for part in value))
    return float(value) if isinstance(value, str) else value


def tensors_of(side: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """One side of a pair."""
    return {
        name: torch.tensor(
            [number(v) for v in recipe["values"]], dtype=DTYPES[recipe["dtype"]]
        ).reshape(recipe["shape"])
        for name, recipe in side.items()
    }


def passes(check: Callable[[], object]) -> bool:
    """Whether a check says nothing."""
    try:
        check()
    except Exception:  # a peer that breaks on a pair has not let it pass
        return False
    return True


def assert_close(pair: Pair, actual: Tensors, expected: Tensors) -> bool:
    """torch.testing on every reference."""
    options = {key: pair[key] for key in ("rtol", "atol", "equal_nan") if key in pair}
    return passes(
        lambda: [torch.testing.assert_close(actual[n], expected[n], **options) for n in expected]
    )


def array_of(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
    """For numpy, which has no bf16: by way of f32."""
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def tolerance_of(pair: Pair, tensor: torch.Tensor) -> tuple[float, float]:
    """rtol and atol of a reference."""
    rtol, atol = TOLERANCES.get(tensor.dtype, (0.0, 0.0))
    return pair.get("rtol", rtol), pair.get("atol", atol)


def assert_allclose(pair: Pair, actual: Tensors, expected: Tensors) -> bool:
    """numpy.testing on every reference."""

    def check(name: str) -> None:
        rtol, atol = tolerance_of(pair, expected[name])
        equal_nan = pair.get("equal_nan", False)
        sides = array_of(actual[name]), array_of(expected[name])
        np.testing.assert_allclose(*sides, rtol=rtol, atol=atol, equal_nan=equal_nan)

    return passes(lambda: [check(name) for name in expected])


def polygraphy(pair: Pair, actual: Tensors, expected: Tensors) -> bool:
    """Polygraphy's comparator on one iteration of each side."""
    from polygraphy.comparator import Comparator, CompareFunc, IterationResult, RunResults
    from polygraphy.logger import G_LOGGER

    def result(tensors: Tensors, runner: str) -> tuple[str, list[Any]]:
        arrays = {name: array_of(tensor) for name, tensor in tensors.items()}
        return runner, [IterationResult(outputs=arrays, runner_name=runner)]

    tolerances = {name: tolerance_of(pair, tensor) for name, tensor in expected.items()}
    function = CompareFunc.simple(
        rtol={"": 0.0} | {name: rtol for name, (rtol, _) in tolerances.items()},
        atol={"": 0.0} | {name: atol for name, (_, atol) in tolerances.items()},
        infinities_compare_equal=True,
    )
    verdict = []

    def check() -> None:
        runs = RunResults([result(actual, "actual"), result(expected, "expected")])
        verdict.append(bool(Comparator.compare_accuracy(runs, compare_func=function)))

    with G_LOGGER.verbosity(G_LOGGER.CRITICAL + 1):
        return passes(check) and verdict == [True]


def ours(program: Path) -> Peer:
    """`torchassay compare` on two files; an exit status that is not the right one counts as the wrong verdict."""

    def compare(pair: Pair, actual: Tensors, expected: Tensors) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            paths = [f"{folder}/actual.safetensors", f"{folder}/expected.safetensors"]
            save_file(dict(actual), paths[0])
            save_file(dict(expected), paths[1])
            options = ["--equal-nan"] if pair.get("equal_nan") else []
            for key in ("rtol", "atol"):
                options += [f"--{key}", str(pair[key])] if key in pair else []
            command = [program, "compare", *paths, *options]
            status = subprocess.run(command, capture_output=True, check=False).returncode
        right = status == STATUSES[pair["verdict"]]
        return right == (pair["verdict"] == "pass")

    return compare


@dataclass(frozen=True, slots=True)
class Row:
    """A pair of the battery, and by peer whether its verdict is right."""

    pair: str
    verdict: str
    correct: Mapping[str, bool]


def judge(peers: Mapping[str, Peer], pair: Pair) -> Row:
    """Asks every peer about a pair."""
    actual, expected = tensors_of(pair["actual"]), tensors_of(pair["expected"])
    passing = pair["verdict"] == "pass"
    correct = {name: peer(pair, actual, expected) == passing for name, peer in peers.items()}
    return Row(pair["name"], "pass" if passing else "fail", correct)


def text_table(rows: Sequence[Row], peers: Sequence[str]) -> str:
    """Every pair."""
    lines = [f"{'pair':<58}{'right':<8}" + "".join(f"{name:<12}" for name in peers)]
    for row in rows:
        cells = "".join(f"{'ok' if row.correct[name] else 'wrong':<12}" for name in peers)
        lines.append(f"{row.pair:<58}{row.verdict:<8}{cells}")
    wrong = "".join(f"{sum(not row.correct[name] for row in rows):<12}" for name in peers)
    return "\n".join([*lines, f"{'wrong of ' + str(len(rows)):<66}{wrong}"])


def markdown_table(rows: Sequence[Row], peers: Sequence[str]) -> str:
    """The pairs that someone gets wrong."""
    lines = ["| pair | right | " + " | ".join(peers) + " |", "|---" * (len(peers) + 2) + "|"]
    for row in rows:
        if all(row.correct.values()):
            continue
        cells = " | ".join("ok" if row.correct[name] else "**wrong**" for name in peers)
        lines.append(f"| {row.pair} | {row.verdict} | {cells} |")
    wrong = " | ".join(str(sum(not row.correct[name] for row in rows)) for name in peers)
    return "\n".join([*lines, f"| wrong of {len(rows)} | | {wrong} |"])


def main() -> int:
    """Prints the table; exit 1 where we are wrong ourselves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=CHECKOUT / "tools/torchassay")
    parser.add_argument("--markdown", action="store_true", help="the pairs that someone gets wrong, as a table for docs")
    options = parser.parse_args()
    peers: dict[str, Peer] = {
        "torchassay": ours(options.program),
        "torch": assert_close,
        "numpy": assert_allclose,
    }
    if importlib.util.find_spec("polygraphy"):
        peers["polygraphy"] = polygraphy
    rows = [judge(peers, pair) for pair in json.loads(BATTERY.read_text())["pairs"]]
    table = markdown_table if options.markdown else text_table
    sys.stdout.write(table(rows, list(peers)) + "\n")
    return 1 if any(not row.correct["torchassay"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
