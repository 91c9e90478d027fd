"""One finding as text for a person: what, where, the source line with a caret, the evidence, notes, and advice last."""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from torchassay.findings.finding import SEVERITY_OF_VERDICT, Finding, finding_from_json

_LABEL = 13
_LINES_SHOWN = 6
_PATH_SHOWN = 8
_MACHINERY = ("torch/nn/modules/module.py", "torch/nn/modules/container.py", "torch/_tensor.py", "torch/overrides.py")


def finding_text(finding: Finding | Mapping[str, object], *, folder: Path | None = None) -> str:
    """Returns the lines of one finding, without a line break at the end. A relative file is looked for in `folder`."""
    record = finding if isinstance(finding, Finding) else finding_from_json(finding)
    lines = [_headline(record), *_place(record), *_source(record, folder), *_evidence(record)]
    lines += [f"   = note: {note}" for note in _notes(record)]
    lines += _help(record)
    return "\n".join(lines)


def _headline(finding: Finding) -> str:
    by_verdict = SEVERITY_OF_VERDICT.get(finding.verdict, finding.severity)
    severity = finding.severity if finding.verdict == "failed" else by_verdict
    return f"{severity}[{finding.code}]: {finding.message}"


def _place(finding: Finding) -> Iterator[str]:
    if finding.file is None:
        return
    where = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part is not None)
    inside = f" in `{finding.function}`" if finding.function else ""
    module = f" of `{finding.module}`" if finding.module else ""
    yield f"  --> {where}{inside}{module}"


def _source(finding: Finding, folder: Path | None) -> Iterator[str]:
    """The line that the finding names, with a caret under what it decided or converted."""
    text = _line(finding, folder)
    if text is None or finding.line is None:
        return
    margin = " " * len(str(finding.line))
    start, width = _underlined(finding, text)
    yield f"{margin} |"
    yield f"{finding.line} | {text}"
    yield f"{margin} | {_blank(text[:start])}{'^' * width}"


def _line(finding: Finding, folder: Path | None) -> str | None:
    if finding.file is None or finding.line is None:
        return None
    path = Path(finding.file)
    candidates = [path] if path.is_absolute() or folder is None else [folder / path, path]
    rows = next((found for found in (linecache.getlines(str(each)) for each in candidates) if found), [])
    return rows[finding.line - 1].rstrip() if 0 < finding.line <= len(rows) else None


def _underlined(finding: Finding, text: str) -> tuple[int, int]:
    """The condition where it stands on the line; else from the column on."""
    if finding.condition and (at := text.find(finding.condition)) >= 0:
        return at, len(finding.condition)
    start = min(max((finding.column or 1) - 1, len(text) - len(text.lstrip())), max(len(text) - 1, 0))
    return start, max(1, len(text) - start)


def _blank(text: str) -> str:
    """Spaces as wide as `text`; tabs stay, so that the caret stands below its character."""
    return "".join("\t" if each == "\t" else " " for each in text)


def _evidence(finding: Finding) -> Iterator[str]:
    if finding.condition and finding.taken:
        yield _row("condition", f"`{finding.condition}`, on the example: {finding.taken}")
    if finding.baked:
        yield _row("baked", finding.baked)
    if finding.dropped_lines:
        yield _row("dropped", f"line{'s' if len(finding.dropped_lines) > 1 else ''} {ranges(finding.dropped_lines)}")
    if finding.counterexample:
        error = "" if finding.max_abs_error is None else f", largest error {finding.max_abs_error:.6g}"
        yield _row("shown by", f"case `{finding.counterexample}`{error}")
    if finding.waived is not None:
        yield _row("waived", finding.waived)


def _row(label: str, value: str) -> str:
    return f"   {label:<{_LABEL}}{value}"


def ranges(lines: Sequence[int]) -> str:
    """Returns line numbers with neighbours joined: `3, 7-9`."""
    parts: list[list[int]] = []
    for line in sorted(set(lines)):
        if parts and line == parts[-1][1] + 1:
            parts[-1][1] = line
        else:
            parts.append([line, line])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in parts]
    return ", ".join(shown[:_LINES_SHOWN]) + (", …" if len(shown) > _LINES_SHOWN else "")


def _help(finding: Finding) -> Iterator[str]:
    """The advice; lines after its first one are an edit of the source."""
    advice, *edit = finding.help.splitlines() or [""]
    if advice:
        yield f"   = help: {advice}"
    yield from (f"     | {line}" for line in edit)


def _notes(finding: Finding) -> Iterator[str]:
    yield from finding.notes
    path = [frame for frame in finding.frames if (frame.file, frame.line) != (finding.file, finding.line)]
    if path and finding.verdict in ("proved", "possible"):
        steps = [f"{Path(frame.file).name}:{frame.line} `{frame.function}`" for frame in path if _is_telling(frame.file)]
        if steps:
            yield "reached through " + " > ".join(steps[-_PATH_SHOWN:])


def _is_telling(file: str) -> bool:
    """PyTorch's call machinery is on every path and tells nothing."""
    return not file.endswith(_MACHINERY)
