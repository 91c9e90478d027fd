"""Writes docs/findings.md from the catalogue: `python -m torchassay.findings.document [--check] docs/findings.md`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from torchassay.findings.catalogue import Entry, catalogue

_FAMILIES = {
    "TA1": "Divergence: the converted model behaves differently",
    "TA2": "Archive and integrity",
    "TA3": "Signature and input",
    "TA4": "Comparison",
    "TA5": "Execution",
    "TA6": "Gate and waivers",
}
_INTRODUCTION = """# Findings

Every code that TorchAssay reports, in order. `torchassay explain CODE` prints the same. A code never changes its
meaning and is never used again.

<!-- Generated from converter/torchassay/findings/catalogue.json. Do not edit:
     run `python -m torchassay.findings.document docs/findings.md`. -->
"""


def document() -> str:
    """Returns the whole page."""
    entries = list(catalogue().values())
    parts = [_INTRODUCTION, *_contents(entries)]
    for prefix, title in _FAMILIES.items():
        family = [entry for entry in entries if entry.code.startswith(prefix)]
        if family:
            parts += [f"## {title}\n", *(section for entry in family for section in _entry(entry))]
    return "\n".join(parts).rstrip() + "\n"


def _contents(entries: Sequence[Entry]) -> Iterator[str]:
    yield "| code | name | severity | what |"
    yield "|---|---|---|---|"
    for entry in entries:
        yield f"| [{entry.code}](#{entry.code.lower()}) | {entry.name} | {entry.severity} | {entry.title} |"
    yield ""


def _entry(entry: Entry) -> Iterator[str]:
    yield f'### <a id="{entry.code.lower()}"></a>{entry.code} {entry.name}\n'
    yield f"{_sentence(entry.title)}\n"
    yield f"{entry.explanation}\n"
    for label, example in (("Found in", entry.bad), ("Not found in", entry.good)):
        if example.strip():
            yield f"{label}:\n\n```{_language(entry)}\n{example.strip()}\n```\n"


def _sentence(title: str) -> str:
    return f"**{title[:1].upper()}{title[1:]}.**"


def _language(entry: Entry) -> str:
    return "python" if "import torch" in entry.bad else "text"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the page, or with --check says whether it is current."""
    parser = argparse.ArgumentParser(prog="torchassay.findings.document")
    parser.add_argument("--check", action="store_true", help="only say whether the page is current")
    parser.add_argument("page", type=Path)
    options = parser.parse_args(arguments)
    if options.check:
        current = options.page.exists() and options.page.read_text(encoding="utf-8") == document()
        return 0 if current else 1
    options.page.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
