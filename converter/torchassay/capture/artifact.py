"""What a capture yields: a TorchScript file with the mode of each submodule, or the reason why there is none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Mode = Literal["trace", "script", "hybrid"]
FailureKind = Literal["compile", "trace", "rewrite", "save", "crash", "timeout", "memory", "unsupported"]


@dataclass(frozen=True, slots=True)
class SubmoduleMode:
    """How one submodule got into the artifact, and why that way; `path` is dotted, empty for the root."""

    path: str
    class_name: str
    mode: str
    why: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the artifact lost or froze on the way: `code` is a catalogue code, TA1xx."""

    code: str
    message: str
    help: str = ""
    file: str | None = None
    line: int | None = None
    module: str = ""
    function: str | None = None
    statement: str | None = None
    argument: str | None = None
    frozen: str | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """A saved TorchScript file. `diff` shows the rewritten source against the user's, when there was a rewrite."""

    path: Path
    mode: Mode
    submodules: tuple[SubmoduleMode, ...] = ()
    notes: tuple[Note, ...] = ()
    diff: str | None = None
    method: str = "forward"


@dataclass(frozen=True, slots=True)
class CaptureFailure:
    """Why no file came about, and the shortest edit that would help. `file` and `line` are the user's own."""

    kind: FailureKind
    message: str
    file: str | None = None
    line: int | None = None
    statement: str | None = None
    help: str = ""
    function: str | None = None
    details: str = ""
    notes: tuple[Note, ...] = ()
