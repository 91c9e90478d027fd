"""Suggested edits are lines of the user's file with the smallest change."""

from pathlib import Path

import pytest

from torchassay.capture.rewrite.edits import Remedy, edit_text

SOURCE = """\
class Model:
    def forward(self, x, y, scale=1.0):
        torch.manual_seed(0)
        if x is not y:
            x = x * random.random()
        del self.cache
        return x
"""


@pytest.mark.parametrize(
    ("line", "remedy", "expected"),
    [
        (3, Remedy("delete"), ["-         torch.manual_seed(0)"]),
        (4, Remedy("equal"), ["-         if x is not y:", "+         if not torch.equal(x, y):"]),
        (
            5,
            Remedy("argument", "random"),
            [
                "-     def forward(self, x, y, scale=1.0):",
                "+     def forward(self, x, y, random_value: float, scale=1.0):",
                "-             x = x * random.random()",
                "+             x = x * random_value",
            ],
        ),
        (6, Remedy("none"), ["-         del self.cache", "+         self.cache = None"]),
    ],
)
def test_an_edit_changes_what_it_must(line: int, remedy: Remedy, expected: list[str], tmp_path: Path) -> None:
    file = tmp_path / "user_of_edits.py"
    file.write_text(SOURCE)
    assert (edit_text(str(file), line, remedy) or "").splitlines() == expected


def test_no_edit_where_the_call_is_not_on_the_line(tmp_path: Path) -> None:
    file = tmp_path / "user_without_edit.py"
    file.write_text(SOURCE)
    assert edit_text(str(file), 7, Remedy("argument", "random")) is None
    assert edit_text(str(file), 40, Remedy("delete")) is None
