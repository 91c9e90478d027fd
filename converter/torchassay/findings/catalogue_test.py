import re

import pytest

from torchassay.findings.catalogue import CATALOGUE_FILE, catalogue, entry
from torchassay.findings.finding import SEVERITIES

_PROPER_NAMES = ("TorchScript", "LibTorch", "NaN")


def test_codes_are_well_formed_and_names_unique() -> None:
    entries = catalogue().values()
    assert all(re.fullmatch(r"TA[1-6]\d\d", each.code) for each in entries)
    assert len({each.name for each in entries}) == len(entries)
    assert {each.severity for each in entries} <= set(SEVERITIES)


def test_titles_are_in_the_house_style() -> None:
    for each in catalogue().values():
        first = each.title.split()[0]
        assert first == first.lower() or first in _PROPER_NAMES, each.code
        assert not each.title.endswith("."), each.code


def test_every_entry_explains_itself() -> None:
    assert [each.code for each in catalogue().values() if not each.explanation or not each.bad] == []


def test_an_unknown_code_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        entry("TA999")


def test_the_file_is_sorted() -> None:
    codes = re.findall(r'"code": "(TA\d+)"', CATALOGUE_FILE.read_text(encoding="utf-8"))
    assert codes == sorted(codes)
    assert len(set(codes)) == len(codes)
