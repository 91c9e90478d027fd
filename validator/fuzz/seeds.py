"""Writes the inputs that a fuzz target starts from, made from the test fixtures and tables.

    python seeds.py TARGET FIXTURES FOLDER      a target of tools/fuzz, the folder of built fixtures, where to write

Needs nothing but the standard library. What is in FOLDER already stays: a corpus grows from run to run.
"""

from __future__ import annotations

import io
import json
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
Seed = tuple[str, bytes]


def members(fixtures: Path, suffix: str) -> Iterator[Seed]:
    """Every member of every archive whose name ends so."""
    for path in sorted(fixtures.iterdir()):
        if not zipfile.is_zipfile(path):
            continue
        try:
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith(suffix):
                        yield f"{path.name}-{name.replace('/', '-')}", archive.read(name)
        except (OSError, zipfile.BadZipFile, NotImplementedError):
            continue


def safetensors(tensors: dict[str, tuple[str, list[int], bytes]]) -> bytes:
    """A safetensors file: a header of JSON, then the data."""
    header, data = {}, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    return struct.pack("<Q", len(text)) + text + data


def npy(descr: str, shape: str, data: bytes, *, fortran: bool = False, version: int = 1) -> bytes:
    """An .npy file of format `version`."""
    text = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


def archive_seeds(fixtures: Path) -> Iterator[Seed]:
    """Whole files."""
    for path in sorted(fixtures.iterdir()):
        yield path.name, path.read_bytes()


def pickle_seeds(fixtures: Path) -> Iterator[Seed]:
    """The pickles inside archives, and bare ones."""
    yield from members(fixtures, ".pkl")


def code_seeds(fixtures: Path) -> Iterator[Seed]:
    """The stored source of archives."""
    yield from members(fixtures, ".py")


def safetensors_seeds(_: Path) -> Iterator[Seed]:
    """Every element type, no element, no tensor, several tensors."""
    sizes = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1, "C64": 8}
    for dtype, size in sizes.items():
        yield dtype.lower(), safetensors({"input.x": (dtype, [2, 3], bytes(range(6 * size)))})
    yield "scalar", safetensors({"output": ("F32", [], b"\0\0\x80\x3f")})
    yield "no-element", safetensors({"output": ("F32", [0, 3], b"")})
    yield "no-tensor", safetensors({})
    yield "three", safetensors({"a": ("F64", [1], bytes(8)), "b.c[0]": ("F32", [2], bytes(8)), 'd["e"]': ("U8", [3], bytes(3))})


def tensors_seeds(fixtures: Path) -> Iterator[Seed]:
    """.npy of several kinds, .npz stored and deflated, and safetensors."""
    arrays = {
        "f4": npy("<f4", "(2, 3)", bytes(24)),
        "f8": npy("<f8", "(3,)", bytes(24), fortran=True),
        "c16": npy("<c16", "(1, 2)", bytes(32), version=2),
        "b1": npy("|b1", "()", b"\1"),
        "i8": npy("<i8", "(0, 4)", b""),
    }
    for name, data in arrays.items():
        yield f"{name}.npy", data
    for kind, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as archive:
            for name, data in arrays.items():
                archive.writestr(f"{name}.npy", data)
        yield f"{kind}.npz", buffer.getvalue()
    yield from safetensors_seeds(fixtures)


def manifest_seeds(_: Path) -> Iterator[Seed]:
    """The manifest that uses every member."""
    text = (CHECKOUT / "validator" / "manifest" / "manifest_test.cc").read_text()
    yield "whole.json", text.split('kWhole = R"(', 1)[1].split(')";', 1)[0].encode()
    yield "small.json", b'{"schema_version":1,"files":[],"cases":[],"findings":[]}'


def spec_seeds(_: Path) -> Iterator[Seed]:
    """Every good and every bad spec of the shared table."""
    table = json.loads((CHECKOUT / "testdata" / "specs" / "input_specs.json").read_text())
    for kind in ("good", "bad"):
        for number, row in enumerate(table[kind]):
            yield f"{kind}-{number:03}", row["text"].encode()
    yield "filled", b"randn:x=f32[B:1..8,3]{-1..1}@grad"


TARGETS = {
    "archive": archive_seeds,
    "code": code_seeds,
    "manifest": manifest_seeds,
    "pickle": pickle_seeds,
    "safetensors": safetensors_seeds,
    "spec": spec_seeds,
    "tensors": tensors_seeds,
}


def main() -> None:
    """Writes the seeds of one target."""
    if len(sys.argv) != 4 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: seeds.py {'|'.join(TARGETS)} FIXTURES FOLDER")
    folder = Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in TARGETS[sys.argv[1]](Path(sys.argv[2])):
        path = folder / name
        if not path.exists():
            path.write_bytes(data)


if __name__ == "__main__":
    main()
