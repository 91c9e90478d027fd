"""What tests of the program from outside share: running it, and writing files for it.

The test's own command line names the program, the runner and the folder of fixtures, in this order.
"""

# ruff: noqa: PT009 - the build runs this with the standard library alone

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

PROGRAM, RUNNER, FIXTURES = (Path(argument).absolute() for argument in sys.argv[1:4])
LEAKS = ("c10::", "Traceback", "terminate called", "nlohmann", "std::")


def environment_with(more: dict[str, str]) -> dict[str, str]:
    """The environment that the program gets."""
    return {"PATH": os.environ["PATH"], "TORCHASSAY_RUNNER": str(RUNNER), **more}


def safetensors(tensors: dict[str, tuple[str, list[int], bytes]]) -> bytes:
    """Returns the bytes of a safetensors file."""
    header, data = {}, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {
            "dtype": dtype,
            "shape": shape,
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def floats(*values: float) -> tuple[str, list[int], bytes]:
    return "F32", [len(values)], struct.pack(f"<{len(values)}f", *values)


class ProgramTest(unittest.TestCase):
    """A test in a folder of its own, in which the program runs."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_program(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        """Runs the program in the test's folder; keeps its status and streams, returns all that it printed."""
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=environment_with(environment or {}),
        )
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        shown = done.stdout + done.stderr
        for leak in LEAKS:
            self.assertNotIn(leak, shown)
        return shown

    def expect(self, status: int, arguments: list[str], *texts: str) -> str:
        shown = self.run_program(*arguments)
        self.assertEqual(self.status, status, shown)
        for text in texts:
            self.assertIn(text, shown)
        return shown

    def write(self, name: str, content: bytes | str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def bundle(self, name: str, model: bytes, **changes: object) -> str:
        """Writes a bundle around `model` whose hashes are right; `changes` replace keys of its manifest."""
        self.write(f"{name}/model.pt", model)
        manifest = {
            "schema_version": 1,
            "producer": {"tool": "torchassay", "version": "0.1.0", "torch": "2.13.0", "python": "3.11", "platform": "x"},
            "created": "2026-11-23T20:28:00Z",
            "source": {"model": "m.py:M", "file": "m.py", "sha256": None, "kwargs": {}, "weights": None, "method": "forward"},
            "conversion": {"mode_asked": "script", "mode_used": "script", "faithful": True, "training": False, "submodules": []},
            "files": [{"path": "model.pt", "bytes": len(model), "sha256": hashlib.sha256(model).hexdigest()}],
            "signature": {
                "method": "forward",
                "inputs": [{"path": "input", "spec": "f32[20]"}],
                "outputs": [{"path": "output", "spec": "f32[10]"}],
            },
            "tolerances": [],
            "cases": [],
            "findings": [],
        } | changes
        self.write(f"{name}/manifest.json", json.dumps(manifest))
        return name

    def result(self, *arguments: str) -> dict[str, Any]:
        """Runs `validate` and returns its JSON; keeps the status."""
        self.run_program("validate", *arguments, "--json", "result.json")
        parsed: dict[str, Any] = json.loads((self.folder / "result.json").read_text())
        return parsed

    def bundle_of(self, name: str, fixture: str, cases: list[dict[str, Any]], inputs: list[float]) -> str:
        """A bundle around a fixture, whose cases share one tensor `input.x` and one tensor `output`, its equal."""
        tensors = safetensors({"input.x": floats(*inputs), "output": floats(*inputs)})
        model = (FIXTURES / fixture).read_bytes()
        files = [
            {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for path, data in (("model.pt", model), ("cases/0.safetensors", tensors))
        ]
        self.bundle(name, model, cases=cases, files=files, signature=ANY_SIGNATURE)
        self.write(f"{name}/cases/0.safetensors", tensors)
        return name


ANY_SIGNATURE = {"method": "forward", "inputs": [], "outputs": []}


def tensor_case(
    name: str, *more: dict[str, Any], size: int, expects: dict[str, Any] | None = None, **call: Any
) -> dict[str, Any]:
    """A case of one call on `input.x` and further arguments that expects `output`, or something else."""
    expected = {"outputs": {"tensor": "output", "dtype": "f32", "shape": [size]}} if expects is None else expects
    args = [{"tensor": "input.x", "dtype": "f32", "shape": [size]}, *more]
    one = {"file": "cases/0.safetensors", "repeat": 1, "args": args, "kwargs": {}, "expects": expected, **call}
    return {"name": name, "kind": "example", "seed": 0, "calls": [one]}
