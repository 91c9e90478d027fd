"""What the documents show is what happens: every command in a ```console block is run, and its output compared.

A block holds lines that start with `$ ` and, under each, what it prints. `…` stands for any text, over lines as well. The
status is 0 unless the line ends with `# exits N`. The blocks of one page share a folder, in which `tools/`, `testdata/` and
`docs/` are those of the checkout. Of `sh` blocks see shell_blocks_test.py.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for page in [CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md")]
    if page.exists() and "```console" in page.read_text()
)
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
STATUS = re.compile(r"\s+# exits (\d)$")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@dataclass(frozen=True, slots=True)
class Command:
    text: str
    status: int
    shown: str


def commands_of(page: Path) -> list[Command]:
    commands = []
    for block in BLOCK.findall(page.read_text()):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, shown = part.partition("\n")
            while line.endswith("\\"):
                more, _, shown = shown.partition("\n")
                line = line[:-1] + more
            status = STATUS.search(line)
            commands.append(
                Command(STATUS.sub("", line), int(status[1]) if status else 0, shown.strip())
            )
    return commands


def matches(shown: str, printed: str) -> bool:
    """Whether `printed` is what `shown` says, where trailing spaces and `…` are free."""
    pattern = ".*".join(re.escape(part.strip(" ")) for part in shown.split("…"))
    text = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    return re.search(pattern, text, re.DOTALL) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_the_commands_of_a_page_do_what_it_shows(page: Path, tmp_path: Path) -> None:
    for folder in ("tools", "testdata", "docs"):
        (tmp_path / folder).symlink_to(CHECKOUT / folder)
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "110"}
    for command in commands_of(page):
        ran = subprocess.run(
            ["bash", "-c", command.text],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        printed = ran.stdout + ran.stderr
        assert ran.returncode == command.status, f"$ {command.text}\n{printed}"
        assert matches(command.shown, printed), (
            f"$ {command.text}\nthe page shows:\n{command.shown}\nit prints:\n{printed}"
        )


@pytest.mark.parametrize(
    "page", sorted((CHECKOUT / "docs").rglob("*.md")), ids=lambda page: page.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert broken == []
