"""Turns a subject into `model.pt` in the mode that was asked for."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torchassay.base.errors import ConverterError, CrashError
from torchassay.capture.artifact import Artifact, CaptureFailure
from torchassay.cli.request import Request
from torchassay.inputs.domain import Domain
from torchassay.loading.load import Subject


@dataclass(frozen=True, slots=True)
class Captured:
    """The file that was written, and how."""

    mode: str
    submodules: list[dict[str, Any]]
    diff: str | None = None


def capture(subject: Subject, domain: Domain, request: Request, folder: Path) -> Captured:
    """Write `model.pt`; ConverterError when TorchScript cannot express the model."""
    if subject.scripted:
        return _keep_archive(request, folder)
    from torchassay.capture.trace import trace

    artifact = trace(subject, domain.examples[0], folder=folder, timeout=request.timeout)
    if isinstance(artifact, CaptureFailure):
        raise failure_error(artifact)
    return captured_of(artifact)


def _keep_archive(request: Request, folder: Path) -> Captured:
    """A model that is TorchScript already is taken as it is."""
    shutil.copyfile(request.model, folder / "model.pt")
    return Captured("recorded", [])


def captured_of(artifact: Artifact) -> Captured:
    return Captured(artifact.mode, submodules_json(artifact), artifact.diff)


def submodules_json(artifact: Artifact) -> list[dict[str, Any]]:
    return [
        {"path": item.path, "class": item.class_name, "mode": item.mode, "why": item.why}
        for item in artifact.submodules
    ]


def failure_error(failure: CaptureFailure) -> ConverterError:
    """The message of a capture that came to nothing."""
    place = f" ({Path(failure.file).name}:{failure.line})" if failure.file else ""
    kind = CrashError if failure.kind in ("crash", "timeout", "memory") else ConverterError
    return kind(f"{failure.message}{place}", help=failure.help or None)
