"""The catalogue of codes: what each finding means, with one example that has it and one that does not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUE_FILE = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True, slots=True)
class Entry:
    """One code. `bad` and `good` are whole examples; a code is never given a second meaning."""

    code: str
    name: str
    severity: str
    title: str
    explanation: str
    bad: str
    good: str
    since: str


@cache
def catalogue() -> dict[str, Entry]:
    """Returns every entry by its code, in the order of the codes."""
    records = json.loads(CATALOGUE_FILE.read_text(encoding="utf-8"))
    return {record["code"]: Entry(**record) for record in sorted(records, key=lambda record: record["code"])}


def entry(code: str) -> Entry:
    """Returns the entry of `code`; a KeyError names a code that the catalogue lacks."""
    return catalogue()[code]
