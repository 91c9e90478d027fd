"""Every code of the catalogue is emitted somewhere and tested somewhere, and no other code is emitted."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "converter" / "torchassay" / "findings" / "catalogue.json"
CODE = re.compile(r'"(TA\d{3})"')
# Tables of expectations that tests read.
TABLES = ("testdata/conformance/battery.json", "testdata/compare/vectors.json")


def sources() -> list[Path]:
    found = [path for room in ("converter/torchassay", "validator") for path in (ROOT / room).rglob("*")]
    return [path for path in found if path.suffix in {".cc", ".h", ".py"}]


def is_test(path: Path) -> bool:
    return path.stem.endswith("_test") or "fixture" in path.stem


@cache
def codes_in(*, tests: bool) -> frozenset[str]:
    paths = [path for path in sources() if is_test(path) == tests]
    if tests:
        paths += [ROOT / table for table in TABLES]
    pattern = re.compile(r"(TA\d{3})") if tests else CODE
    return frozenset(code for path in paths for code in pattern.findall(path.read_text(encoding="utf-8")))


def catalogued() -> set[str]:
    return {entry["code"] for entry in json.loads(CATALOGUE.read_text(encoding="utf-8"))}


def test_what_is_emitted_is_explained() -> None:
    assert codes_in(tests=False) - catalogued() == set()


def test_what_is_explained_is_emitted() -> None:
    assert catalogued() - codes_in(tests=False) == set()


def test_what_is_explained_is_tested() -> None:
    assert catalogued() - codes_in(tests=True) == set()
