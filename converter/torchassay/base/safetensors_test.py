"""Tensor files: every dtype survives, the public library reads ours, and a lying header is an error."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
import torch

from torchassay.base.safetensors import TensorFileError, read_tensors, write_tensors

TENSORS: dict[str, torch.Tensor] = {
    "f32": torch.randn(2, 3),
    "f16": torch.randn(5).half(),
    "bf16": torch.randn(3).bfloat16(),
    "f64": torch.randn(2, 2, dtype=torch.float64),
    "i8": torch.tensor([-1, 2], dtype=torch.int8),
    "i16": torch.tensor([-300], dtype=torch.int16),
    "i32": torch.tensor([1 << 20], dtype=torch.int32),
    "i64": torch.tensor([-(1 << 40)]),
    "u8": torch.tensor([255], dtype=torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "c64": torch.randn(2, dtype=torch.complex64),
    "empty": torch.empty(0, 4),
    "scalar": torch.tensor(3.5),
    "transposed": torch.randn(3, 4).t(),
    "strided": torch.randn(10)[::3],
    "expanded": torch.randn(1, 3).expand(4, 3),
    "channels_last": torch.randn(1, 2, 3, 3).to(memory_format=torch.channels_last),
    "grad": torch.randn(2, requires_grad=True),
    "conjugate": torch.randn(2, dtype=torch.complex64).conj(),
    "ü.x[0]": torch.tensor([1.0, float("nan"), float("inf")]),
}


def test_every_dtype_and_layout_comes_back(tmp_path: Path) -> None:
    write_tensors(tmp_path / "t.safetensors", TENSORS)
    back = read_tensors(tmp_path / "t.safetensors")
    assert set(back) == set(TENSORS)
    for name, tensor in TENSORS.items():
        assert back[name].dtype == tensor.dtype
        assert back[name].is_contiguous()
        torch.testing.assert_close(back[name], tensor.detach(), rtol=0, atol=0, equal_nan=True)


def test_the_public_library_reads_what_we_write(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.torch")
    plain = {name: tensor for name, tensor in TENSORS.items() if not tensor.is_complex()}
    write_tensors(tmp_path / "t.safetensors", plain)
    back = library.load_file(tmp_path / "t.safetensors")
    for name, tensor in plain.items():
        torch.testing.assert_close(back[name], tensor.detach(), rtol=0, atol=0, equal_nan=True)


def test_we_read_what_the_public_library_writes(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.torch")
    library.save_file({"a": torch.arange(3), "b": torch.ones(2, 2)}, tmp_path / "t.safetensors", metadata={"k": "v"})
    back = read_tensors(tmp_path / "t.safetensors")
    assert back["a"].tolist() == [0, 1, 2]
    assert back["b"].shape == (2, 2)


def test_complex128_is_stored_as_pairs(tmp_path: Path) -> None:
    value = torch.randn(3, dtype=torch.complex128)
    write_tensors(tmp_path / "t.safetensors", {"z": value})
    back = read_tensors(tmp_path / "t.safetensors")["z"]
    assert back.shape == (3, 2)
    assert torch.equal(torch.view_as_complex(back), value)


def test_no_tensors_make_a_file_too(tmp_path: Path) -> None:
    write_tensors(tmp_path / "t.safetensors", {})
    assert read_tensors(tmp_path / "t.safetensors") == {}


def test_a_dtype_that_the_format_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(TensorFileError, match=r"`x` is torch\.uint16"):
        write_tensors(tmp_path / "t.safetensors", {"x": torch.ones(2, dtype=torch.uint16)})


def file_with(path: Path, header: Any, body: bytes = b"\0" * 8, length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + body)
    return path


def entry(dtype: str = "F32", shape: Any = (2,), offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"x": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", "no readable"),
        (b"[]", "no readable"),
        (b"\xff\xfe{}", "no readable"),
        (entry(dtype="F23"), "unknown dtype `F23`"),
        (entry(shape=(3,)), "lies about the size"),
        (entry(shape=(-2,)), "lies about the size"),
        (entry(shape=(2.0,)), "lies about the size"),
        (entry(offsets=(0, 800)), "lies about the size"),
        (entry(offsets=(8, 0)), "lies about the size"),
        (entry(shape=(1 << 62, 4)), "lies about the size"),
        (entry(offsets=(0,)), "describes `x` badly"),
        (entry(shape=None), "describes `x` badly"),
        ({"x": 3}, "describes `x` badly"),
    ],
)
def test_a_bad_header_is_an_error(tmp_path: Path, header: Any, message: str) -> None:
    with pytest.raises(TensorFileError, match=message):
        read_tensors(file_with(tmp_path / "t.safetensors", header))


def test_a_header_longer_than_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TensorFileError, match="says that its header has"):
        read_tensors(file_with(tmp_path / "t.safetensors", entry(), length=1 << 60))


def test_a_file_of_a_few_bytes_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "t.safetensors").write_bytes(b"abc")
    with pytest.raises(TensorFileError, match="too short"):
        read_tensors(tmp_path / "t.safetensors")
