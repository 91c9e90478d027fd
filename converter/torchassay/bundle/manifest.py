"""The manifest: what a bundle is made of, in the order in which a reader wants to know it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

import torchassay

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Source:
    """Where the model comes from; `file` and `weights` are read for their hashes only."""

    model: str
    method: str
    kwargs: Mapping[str, object] = field(default_factory=dict)
    file: Path | None = None
    weights: Path | None = None

    def to_json(self) -> dict[str, object]:
        weights = self.weights and {"file": self.weights.name, "sha256": sha256(self.weights)}
        return {
            "model": portable(self.model),
            "file": self.file.name if self.file else None,
            "sha256": sha256(self.file) if self.file else None,
            "kwargs": dict(self.kwargs),
            "weights": weights,
            "method": self.method,
        }


def portable(reference: str) -> str:
    """A reference without its folder: a bundle does not tell where it was made."""
    place, colon, name = reference.rpartition(":")
    return f"{Path(place).name}{colon}{name}" if colon else Path(reference).name


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def producer() -> dict[str, object]:
    """The versions of everything that shaped the bundle."""
    system, machine = platform.system().lower(), platform.machine()
    return {
        "tool": "torchassay",
        "version": torchassay.__version__,
        "torch": str(torch.__version__).partition("+")[0],
        "python": platform.python_version(),
        "platform": f"{system}-{machine}",
    }


def file_entries(folder: Path) -> list[dict[str, object]]:
    """Every file of the bundle but the manifest, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        {
            "path": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": sha256(path),
        }
        for path in files
        if path.name != "manifest.json"
    ]


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a manifest beside the files themselves; `created` is UTC, to the second."""

    created: str
    source: Source
    conversion: Mapping[str, Any]
    inputs: Sequence[Mapping[str, Any]]
    outputs: Sequence[Mapping[str, Any]]
    tolerances: Sequence[Mapping[str, Any]]
    cases: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]]


def write_manifest(folder: Path, contents: Contents) -> dict[str, object]:
    """Write `manifest.json` over the files that lie in `folder`; the manifest as data."""
    manifest: dict[str, object] = {
        "schema_version": SCHEMA_VERSION,
        "producer": producer(),
        "created": contents.created,
        "source": contents.source.to_json(),
        "conversion": dict(contents.conversion),
        "files": file_entries(folder),
        "signature": {
            "method": contents.source.method,
            "inputs": list(contents.inputs),
            "outputs": list(contents.outputs),
        },
        "tolerances": list(contents.tolerances),
        "cases": list(contents.cases),
        "findings": list(contents.findings),
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return manifest
