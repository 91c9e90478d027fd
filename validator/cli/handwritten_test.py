"""Archives written by hand, as no PyTorch of today writes them: old formats, and complex numbers the whole way.

handwritten_test.py PROGRAM RUNNER FIXTURES
"""

# ruff: noqa: PT009 - the build runs this with the standard library alone

from __future__ import annotations

import hashlib
import io
import struct
import sys
import unittest
import zipfile
from typing import Any

from program_case import ANY_SIGNATURE, ProgramTest, safetensors

PICKLED_MODULE = b"\x80\x02c__torch__\nM\n)\x81}X\x08\0\0\0training\x89sb."
HEADER = "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
DOUBLED = "  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n    return torch.add(x, x, alpha=1)\n"
TURNED = """  def forward(self: __torch__.M,
    x: Tensor,
    z: complex) -> Tuple[Tensor, complex]:
    return (torch.mul(x, z), torch.mul(z, 2))
"""


def archive(method: str, version: int = 3) -> bytes:
    """A module without weights, in a version of the format; the first of them says so in its code."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as records:
        records.writestr("m/version" if version < 6 else "m/.data/version", f"{version}\n")
        records.writestr("m/code/__torch__.py", ("op_version_set = 1\n" if version == 1 else "") + HEADER + method)
        records.writestr("m/data.pkl", PICKLED_MODULE)
        records.writestr("m/constants.pkl", b"\x80\x02).")
    return file.getvalue()


def pairs(*numbers: complex) -> tuple[str, list[int], bytes]:
    """A c128 tensor, as a bundle stores it."""
    parts = [part for number in numbers for part in (number.real, number.imag)]
    return "F64", [len(numbers), 2], struct.pack(f"<{len(parts)}d", *parts)


def number(value: complex) -> dict[str, Any]:
    return {"complex": [value.real, value.imag]}


class OldFormatsTest(ProgramTest):
    def test_every_version_of_the_format_is_inspected_and_run(self) -> None:
        for version in (1, 2, 3, 5, 6, 10):
            with self.subTest(version=version):
                model = self.write(f"m{version}.pt", archive(DOUBLED, version))
                self.expect(0, ["inspect", model, "--ops"], "aten::add")
                self.expect(0, ["run", model, "--input", "ones:f32[2]"], "f32[2]   2 2")

    def test_a_version_of_tomorrow_is_refused_in_words(self) -> None:
        model = self.write("m.pt", archive(DOUBLED, 99))
        self.expect(2, ["run", model, "--input", "ones:f32[2]"], "error[TA506]", "version 99")

    def test_without_source_places_the_line_of_the_archive_is_named(self) -> None:
        model = self.write("m.pt", archive(DOUBLED.replace("x, x, alpha=1", "torch.view(x, [4]), 1, alpha=1")))
        self.expect(1, ["check", model, "--input", "f32[5]"], "`torch.view` at code/__torch__.py:7")
        self.expect(1, ["run", model, "--input", "ones:f32[5]"], "code/__torch__.py:7: `return torch.add(torch.view(x, [4])")


class ComplexTest(ProgramTest):
    """`forward(x, z)` gives x times z, and two z."""

    def case_bundle(self, product: complex, twice: complex) -> str:
        model = archive(TURNED)
        tensors = safetensors({"input.x": pairs(1 + 1j, 2), "output[0]": pairs(product, 3 - 4j)})
        files = [
            {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for path, data in (("model.pt", model), ("cases/0.safetensors", tensors))
        ]
        x, y = ({"tensor": name, "dtype": "c128", "shape": [2]} for name in ("input.x", "output[0]"))
        outputs = {"outputs": {"tuple": [y, number(twice)]}}
        call = {"file": "cases/0.safetensors", "repeat": 1, "args": [x, number(1.5 - 2j)], "kwargs": {}, "expects": outputs}
        case = {"name": "one", "kind": "example", "seed": 0, "calls": [call]}
        self.bundle("a.assay", model, files=files, cases=[case], signature=ANY_SIGNATURE)
        self.write("a.assay/cases/0.safetensors", tensors)
        return "a.assay"

    def test_complex_tensors_and_numbers_are_compared(self) -> None:
        self.result(self.case_bundle(3.5 - 0.5j, 3 - 4j))
        self.assertEqual(self.status, 0, self.out + self.err)
        result = self.result(self.case_bundle(3.5 - 0.25j, 3 - 4j))
        self.assertEqual((self.status, [found["output"] for found in result["findings"]]), (1, ["output[0]"]))
        self.assertIn("expected (3.5-0.25j), got (3.5-0.5j)", self.out)
        result = self.result(self.case_bundle(3.5 - 0.5j, 3 - 5j))
        self.assertEqual((self.status, [found["output"] for found in result["findings"]]), (1, ["output[1]"]))

    def test_complex_inputs_are_described_checked_and_run(self) -> None:
        model = self.write("m.pt", archive(TURNED))
        self.expect(0, ["inspect", model, "--signature"], "z")
        self.expect(0, ["check", model, "--input", "c128[2]", "z=c128[]"])
        self.expect(1, ["check", model, "--input", "c128[2]", "z=c128[2]"], "expected complex, got")
        run = ["run", model, "--input", "ones:c128[2]", "ones:z=c128[]", "--output", "o.safetensors"]
        self.expect(0, run, "c128[2]", "(1+0j)")
        self.expect(0, ["compare", "o.safetensors", "o.safetensors"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
