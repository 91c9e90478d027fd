"""The one record of something wrong with a model, and its JSON form, which the manifest and every report share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

VERDICTS = ("proved", "possible", "dismissed", "repaired", "failed")
SEVERITIES = ("error", "warning", "note")

# What a verdict says about the artifact that is written, worst first in a report.
SEVERITY_OF_VERDICT = {
    "proved": "error",
    "failed": "error",
    "possible": "warning",
    "repaired": "note",
    "dismissed": "note",
}

# Keys that a reader may rely on even where there is nothing to say; every other empty key is left out of the JSON.
_ALWAYS_WRITTEN = frozenset(
    (
        "code",
        "verdict",
        "severity",
        "file",
        "line",
        "end_line",
        "module",
        "function",
        "statement",
        "baked",
        "dropped_lines",
        "counterexample",
        "max_abs_error",
        "message",
        "help",
    )
)


@dataclass(frozen=True, slots=True)
class FindingFrame:
    """One step of the call path that led to a finding, outermost first in `Finding.frames`."""

    file: str
    line: int
    function: str
    module: str

    def to_json(self) -> dict[str, object]:
        """Returns the frame as the manifest writes it."""
        return {"file": self.file, "line": self.line, "function": self.function, "module": self.module}


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement about one model. Lines and columns count from 1; `module` is "" for the model itself."""

    code: str
    message: str
    help: str = ""
    verdict: str = "possible"
    severity: str = "warning"
    file: str | None = None
    line: int | None = None
    end_line: int | None = None
    column: int | None = None
    module: str = ""
    function: str | None = None
    statement: str | None = None
    baked: str | None = None
    dropped_lines: tuple[int, ...] = ()
    counterexample: str | None = None
    max_abs_error: float | None = None
    condition: str | None = None
    taken: str | None = None
    frames: tuple[FindingFrame, ...] = ()
    notes: tuple[str, ...] = ()
    waived: str | None = None

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"`{self.verdict}` is no verdict")
        if self.severity not in SEVERITIES:
            raise ValueError(f"`{self.severity}` is no severity")

    def to_json(self) -> dict[str, object]:
        """Returns the finding with the keys of the manifest; keys beyond the promised ones appear only when set."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["frames"] = [frame.to_json() for frame in self.frames]
        values["dropped_lines"] = list(self.dropped_lines)
        values["notes"] = list(self.notes)
        return {key: _finite(value) for key, value in values.items() if key in _ALWAYS_WRITTEN or value}


def _finite(value: object) -> object:
    """JSON has no NaN and no infinity: they travel as strings, as everywhere in the manifest."""
    if isinstance(value, float) and not -float("inf") < value < float("inf"):
        return str(value)
    return value


def finding_from_json(record: Mapping[str, object]) -> Finding:
    """Reads what `Finding.to_json` wrote. Unknown keys are ignored, so that a newer writer can be read."""
    known = {field.name for field in fields(Finding)}
    values = {key: value for key, value in record.items() if key in known}
    for key in ("dropped_lines", "notes"):
        values[key] = tuple(values.get(key) or ())  # type: ignore[arg-type]
    frames = values.get("frames") or ()
    values["frames"] = tuple(FindingFrame(**frame) for frame in frames)  # type: ignore[attr-defined]
    if isinstance(values.get("max_abs_error"), str):
        values["max_abs_error"] = float(values["max_abs_error"])  # type: ignore[arg-type]
    return Finding(**values)  # type: ignore[arg-type]
