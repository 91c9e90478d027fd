"""Which comparison lets a wrong pair pass? The battery of testdata/conformance on us and on three peers, side by side.

    tools/bench/conformance.py [--program tools/torchassay]

A peer is used as its documentation says: assert_close and assert_allclose on each reference by name, Polygraphy's
CompareFunc on the whole. "wrong" marks a pair that passes though it must not, or fails though it is right. Peers that
are not installed are left out. A pair that holds nothing to compare must not pass.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
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
    "i32": torch.int32,
    "i64": torch.int64,
    "u8": torch.uint8,
    "bool": torch.bool,
    "c64": torch.complex64,
}
Tensors = Mapping[str, torch.Tensor]
Pair = dict[str, Any]
Peer = Callable[[Pair, Tensors, Tensors], bool]


def number(value: Any) -> Any:
    """A JSON value as a number."""
    if isinstance(value, list):
        return complex(*value)
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


def assert_allclose(pair: Pair, actual: Tensors, expected: Tensors) -> bool:
    """numpy.testing on every reference; bf16 by way of f32, which numpy has."""
    options = {"rtol": pair.get("rtol", 1.3e-6), "atol": pair.get("atol", 1e-5)}
    options["equal_nan"] = pair.get("equal_nan", False)

    def array(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
        return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()

    return passes(
        lambda: [
            np.testing.assert_allclose(array(actual[n]), array(expected[n]), **options)
            for n in expected
        ]
    )


def polygraphy(pair: Pair, actual: Tensors, expected: Tensors) -> bool:
    """Polygraphy's comparator on one iteration of each side."""
    from polygraphy.comparator import Comparator, CompareFunc, IterationResult, RunResults

    def result(tensors: Tensors, runner: str) -> tuple[str, list[Any]]:
        arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
        return runner, [IterationResult(outputs=arrays, runner_name=runner)]

    function = CompareFunc.simple(rtol=pair.get("rtol", 1.3e-6), atol=pair.get("atol", 1e-5))
    verdict = []

    def check() -> None:
        runs = RunResults([result(actual, "actual"), result(expected, "expected")])
        verdict.append(bool(Comparator.compare_accuracy(runs, compare_func=function)))

    return passes(check) and verdict == [True]


def ours(program: Path) -> Peer:
    """`torchassay compare` on two files; every exit status but 0 is no pass."""

    def compare(pair: Pair, actual: Tensors, expected: Tensors) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            paths = [f"{folder}/actual.safetensors", f"{folder}/expected.safetensors"]
            save_file(dict(actual), paths[0])
            save_file(dict(expected), paths[1])
            options = ["--equal-nan"] if pair.get("equal_nan") else []
            for key in ("rtol", "atol"):
                options += [f"--{key}", str(pair[key])] if key in pair else []
            command = [program, "compare", *paths, *options]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0

    return compare


def main() -> int:
    """Prints the table; exit 1 where we are wrong ourselves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=CHECKOUT / "tools/torchassay")
    options = parser.parse_args()
    peers: dict[str, Peer] = {
        "torchassay": ours(options.program),
        "torch": assert_close,
        "numpy": assert_allclose,
    }
    if importlib.util.find_spec("polygraphy"):
        peers["polygraphy"] = polygraphy
    out = sys.stdout.write
    wrong = dict.fromkeys(peers, 0)
    out(f"{'pair':<58}{'right':<8}" + "".join(f"{name:<12}" for name in peers) + "\n")
    pairs = json.loads(BATTERY.read_text())["pairs"]
    for pair in pairs:
        actual, expected = tensors_of(pair["actual"]), tensors_of(pair["expected"])
        right = pair["verdict"] == "pass"
        cells = []
        for name, peer in peers.items():
            correct = peer(pair, actual, expected) == right
            wrong[name] += not correct
            cells.append("ok" if correct else "wrong")
        verdicts = "".join(f"{cell:<12}" for cell in cells)
        out(f"{pair['name']:<58}{'pass' if right else 'fail':<8}{verdicts}\n")
    out(f"{'wrong of ' + str(len(pairs)):<66}" + "".join(f"{n:<12}" for n in wrong.values()) + "\n")
    return 1 if wrong["torchassay"] else 0


if __name__ == "__main__":
    sys.exit(main())
