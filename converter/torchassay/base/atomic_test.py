"""A folder appears whole or not at all, and nothing but an older bundle is ever replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from torchassay.base.atomic import atomic_directory, write_file
from torchassay.base.errors import UsageError


def fill(target: Path, text: str) -> None:
    with atomic_directory(target) as folder:
        (folder / "manifest.json").write_text(text)


def test_a_new_folder_appears_with_its_files(tmp_path: Path) -> None:
    fill(tmp_path / "deep" / "a.assay", "1")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.assay"]


def test_an_older_bundle_is_replaced_wholly(tmp_path: Path) -> None:
    target = tmp_path / "a.assay"
    fill(target, "1")
    (target / "stray").write_text("of the older one")
    fill(target, "2")
    assert {path.name: path.read_text() for path in target.iterdir()} == {"manifest.json": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.assay"]


def test_an_error_leaves_the_older_bundle_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "a.assay"
    fill(target, "1")

    def interrupted() -> None:
        with atomic_directory(target) as folder:
            (folder / "manifest.json").write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert (target / "manifest.json").read_text() == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["a.assay"]


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "a.assay").mkdir()
    fill(tmp_path / "a.assay", "1")
    assert (tmp_path / "a.assay" / "manifest.json").exists()


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("precious")
    with pytest.raises(UsageError, match="is no bundle"):
        fill(tmp_path, "1")
    assert [path.name for path in tmp_path.iterdir()] == ["keep.txt"]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.assay").write_text("a file")
    with pytest.raises(UsageError, match="a bundle is a directory"):
        fill(tmp_path / "a.assay", "1")


def test_a_report_is_replaced_in_one_step(tmp_path: Path) -> None:
    write_file(tmp_path / "new" / "out.json", "1")
    write_file(tmp_path / "new" / "out.json", "2")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out.json"]
    assert (tmp_path / "new" / "out.json").read_text() == "2"
