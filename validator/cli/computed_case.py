"""Bundles that really run, for tests of what is made of a run: expected is what `run` computes, off by as much as wanted."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

from program_case import ANY_SIGNATURE, FIXTURES, ProgramTest, floats, safetensors, tensor_case

SIZE, ANSWERS = 20, 10  # of what `my_module.pt` takes, and of what it returns

DIVERGENCE: dict[str, Any] = {
    "code": "TA101",
    "verdict": "proved",
    "severity": "error",
    "file": "m.py",
    "line": 3,
    "end_line": 3,
    "column": 9,
    "module": "",
    "function": "forward",
    "statement": "if x.sum() > 0:",
    "baked": "True",
    "dropped_lines": [5],
    "counterexample": "example",
    "max_abs_error": 1.0,
    "message": "`x.sum() > 0` is decided once",
    "help": "script it",
}


def only_tensor(file: bytes) -> tuple[str, list[int], bytes]:
    """Reads a file that `safetensors` could have written, with one tensor."""
    (size,) = struct.unpack("<Q", file[:8])
    header = json.loads(file[8 : 8 + size])
    (entry,) = (entry for name, entry in header.items() if name != "__metadata__")
    return entry["dtype"], entry["shape"], file[8 + size :]


class ComputedTest(ProgramTest):
    """What `case_bundle` writes runs, and answers as it should, or not."""

    def computed(self, model: bytes) -> list[float]:
        self.write("model.pt", model)
        self.expect(0, ["run", "model.pt", "--input", f"ones:f32[{SIZE}]", "--output", "computed.safetensors"])
        _, shape, data = only_tensor((self.folder / "computed.safetensors").read_bytes())
        assert shape == [ANSWERS]
        return list(struct.unpack(f"<{ANSWERS}f", data))

    def case_bundle(self, name: str, *, off_by: float = 0, fixture: str = "my_module.pt", **changes: object) -> str:
        """A bundle with one case, `example`; a fixture other than the default is one that returns nothing."""
        model = (FIXTURES / fixture).read_bytes()
        numbers = self.computed(model) if fixture == "my_module.pt" else [0.0] * ANSWERS
        expected = floats(*(number + off_by for number in numbers))
        tensors = safetensors({"input.x": floats(*[1.0] * SIZE), "output": expected})
        files = [
            {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for path, data in (("model.pt", model), ("cases/0.safetensors", tensors))
        ]
        outputs = {"outputs": {"tensor": "output", "dtype": "f32", "shape": [ANSWERS]}}
        case = tensor_case("example", size=SIZE, expects=outputs)
        self.bundle(name, model, **({"files": files, "cases": [case], "signature": ANY_SIGNATURE} | changes))
        self.write(f"{name}/cases/0.safetensors", tensors)
        return name

    def parsed(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())
