"""The commands of ```sh blocks work for the user that they speak to: one with a model, a file, and a bundle of that name.

What such a block says of `tools/test`, `bazel test` and the like is run by the parts of tools/test themselves.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import torch
from torch import nn

CHECKOUT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:tools/)?torchassay ", re.MULTILINE)
PAGES = ("README.md", "docs/policy.md", "docs/tutorial.md")

IMAGE_MODEL = """
import torch
from torch import nn

class MyModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 2, 3)

    def forward(self, x):
        return self.convolution(x)

def example_inputs():
    return (torch.rand(1, 3, 8, 8),)
"""

TEXT_MODEL = """
import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(30522, 4)

    def forward(self, ids, mask):
        return (self.embedding(ids) * mask.unsqueeze(-1)).sum(1)

def example_inputs():
    return torch.randint(0, 30522, (2, 5)), torch.ones(2, 5, dtype=torch.int64)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's working folder: models in source, a `.pt` of somebody, our launcher on the PATH and under tools/."""
    (tmp_path / "tools").symlink_to(CHECKOUT / "tools")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "torchassay").symlink_to(CHECKOUT / "tools" / "torchassay")
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "model.py").write_text(IMAGE_MODEL)
    (tmp_path / "model.py").write_text(TEXT_MODEL)
    torch.jit.script(nn.Conv2d(3, 2, 3)).save(tmp_path / "some_file.pt")  # type: ignore[no-untyped-call]
    return tmp_path


def run(command: str, folder: Path) -> None:
    environment = os.environ | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    shell = ["bash", "-e", "-c", command]
    ran = subprocess.run(
        shell, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work(page: str, folder: Path) -> None:
    blocks = [text for text in BLOCK.findall((CHECKOUT / page).read_text()) if COMMAND.search(text)]
    assert blocks
    if page == "docs/policy.md":
        run("torchassay convert path/model.py:MyModel -o resnet18.assay --inputs-from path/model.py:example_inputs", folder)
    for block in blocks:
        run(block, folder)


def test_no_other_page_has_commands_of_ours_that_nothing_runs() -> None:
    pages = [CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md")]
    found = {
        str(page.relative_to(CHECKOUT))
        for page in pages
        if any(COMMAND.search(block) for block in BLOCK.findall(page.read_text()))
    }
    assert found == set(PAGES)
