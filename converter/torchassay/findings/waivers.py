"""Waivers in the model's source: `# torchassay: allow[TA101] reason` on the line of a finding, or alone on the line above."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torchassay.findings.finding import Finding

_COMMENT = re.compile(r"#\s*torchassay:\s*allow\s*\[(?P<codes>[^\]]*)\]\s*(?P<reason>.*?)\s*$", re.IGNORECASE)
_ATTEMPT = re.compile(r"#\s*torchassay\s*:")
# What a waiver may forgive. That the conversion itself failed, or that a waiver is wrong, cannot be waived.
_WAIVABLE = ("proved", "possible")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One comment. `line` is the line it stands on, `covers` the line it speaks of; both count from 1."""

    file: str
    line: int
    covers: int
    codes: tuple[str, ...]
    reason: str


def waivers_in(file: str, text: str) -> list[Waiver]:
    """Returns the waivers in a source text. Only comments count, not strings; a text that is no Python has none."""
    found = []
    lines = text.splitlines()
    for line, comment in _comments(text):
        match = _COMMENT.search(comment)
        if match is not None:
            alone = lines[line - 1].lstrip().startswith("#")
            codes = tuple(code.strip().upper() for code in match["codes"].split(",") if code.strip())
            covers = _next_code_line(lines, line) if alone else line
            found.append(Waiver(file, line, covers, codes, match["reason"].strip()))
    return found


def _comments(text: str) -> list[tuple[int, str]]:
    """Returns the comments of a source with their lines; none where the text is no Python."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def malformed_in(text: str) -> list[int]:
    """Returns the lines whose comment begins like a waiver and is none."""
    comments = _comments(text)
    return [line for line, comment in comments if _ATTEMPT.match(comment) and not _COMMENT.search(comment)]


def _next_code_line(lines: Sequence[str], line: int) -> int:
    for number in range(line + 1, len(lines) + 1):
        text = lines[number - 1].strip()
        if text and not text.startswith("#"):
            return number
    return line


def apply_waivers(
    findings: Sequence[Finding], files: Iterable[str], read: Callable[[str], str | None] | None = None
) -> list[Finding]:
    """Returns the findings with `waived` set where a waiver covers them, and findings about the waivers themselves.

    A waiver covers a finding of one of its codes whose lines include the line it speaks of. Without a reason it waives
    nothing and is TA601; one that covers no finding, or is misspelt, is TA602. `files` are the model's own source files.
    """
    texts = {file: (read or _read)(file) or "" for file in sorted(set(files))}
    waivers = [waiver for file, text in texts.items() for waiver in waivers_in(file, text)]
    used: set[Waiver] = set()
    judged = []
    for finding in findings:
        waiver = next((each for each in waivers if _covers(each, finding)), None)
        if waiver is not None:
            used.add(waiver)
        reason = waiver.reason if waiver is not None and waiver.reason else None
        judged.append(replace(finding, waived=reason) if reason else finding)
    misspelt = [_misspelt(file, line) for file, text in texts.items() for line in malformed_in(text)]
    return [*judged, *_about(waivers, used), *misspelt]


def _covers(waiver: Waiver, finding: Finding) -> bool:
    if finding.line is None or finding.verdict not in _WAIVABLE or finding.code not in waiver.codes:
        return False
    same_file = finding.file == waiver.file or Path(finding.file or "").name == Path(waiver.file).name
    return same_file and finding.line <= waiver.covers <= max(finding.line, finding.end_line or finding.line)


def _about(waivers: Sequence[Waiver], used: set[Waiver]) -> list[Finding]:
    complaints = []
    for waiver in waivers:
        codes = ", ".join(waiver.codes) or "nothing"
        if not waiver.reason:
            message = f"the waiver of {codes} gives no reason"
            complaints.append(_complaint("TA601", waiver, message, "write the reason after the bracket: why this is safe here"))
        elif waiver not in used:
            message = f"the waiver of {codes} matches no finding"
            complaints.append(_complaint("TA602", waiver, message, "remove the comment, or move it to the line of its finding"))
    return complaints


def _misspelt(file: str, line: int) -> Finding:
    waiver = Waiver(file, line, line, (), "")
    return _complaint("TA602", waiver, "the comment is no waiver", "write it as `# torchassay: allow[CODE] reason`")


def _complaint(code: str, waiver: Waiver, message: str, advice: str) -> Finding:
    return Finding(
        code=code,
        message=message,
        help=advice,
        verdict="failed" if code == "TA601" else "possible",
        severity="error" if code == "TA601" else "warning",
        file=waiver.file,
        line=waiver.line,
        end_line=waiver.line,
    )


def _read(file: str) -> str | None:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
