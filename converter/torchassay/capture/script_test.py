"""Scripting: what is saved, what is left out, and how a compile error reads."""

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

from torchassay.capture.artifact import Artifact, CaptureFailure
from torchassay.capture.compile_errors import explain
from torchassay.capture.script import script
from torchassay.capture.testing import imported, subject_of

warnings.simplefilter("ignore")
HEAD = "import functools\nimport torch\nfrom torch import nn\n\n\nclass Model(nn.Module):\n"


def model_of(body: str, tmp_path: Path) -> Any:
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    module = imported(tmp_path / "user_model.py", HEAD + lines)
    return module.Model()


def converted(body: str, tmp_path: Path) -> Any:
    return script(subject_of(model_of(body, tmp_path)), folder=tmp_path, timeout=60)


def test_a_branch_survives(tmp_path: Path) -> None:
    artifact = converted("def forward(self, x):\n    if x.sum() > 0:\n        return x\n    return -x", tmp_path)
    assert isinstance(artifact, Artifact)
    loaded = torch.jit.load(str(artifact.path))
    assert loaded(torch.tensor([-2.0])).tolist() == [2.0]


@pytest.mark.parametrize(
    ("body", "line", "message", "advice"),
    [
        ("def forward(self, x):\n    return [r for r in x if r.sum() > 0]", 8, "has no filter in a comprehension", "for"),
        ("def forward(self, x):\n    try:\n        return x\n    except ValueError:\n        return x", 8, "no `try`", "`if`"),
        ("def forward(self, x):\n    return (lambda t: t)(x)", 8, "no `lambda`", "named function"),
        ("def forward(self, x, n):\n    for _ in range(n):\n        x = x + 1\n    return x", 8, "ints", ""),
        ("def forward(self, x):\n    return [x[i] for i in x.tolist()]", 8, "`tolist()` needs to know its type", "List[int]"),
        (
            (
                "def __init__(self):\n    super().__init__()\n    self.options = object()\n\n"
                "def forward(self, x):\n    return x * self.options.scale"
            ),
            12,
            "no type for attribute `options`",
            "annotate",
        ),
    ],
)
def test_a_compile_error_names_place_reason_and_edit(body: str, line: int, message: str, advice: str, tmp_path: Path) -> None:
    found = converted(body, tmp_path)
    assert isinstance(found, CaptureFailure)
    assert found.line == line
    assert message in found.message
    assert advice in found.help
    assert "c10::" not in found.message
    assert "Traceback" not in found.message


IGNORING = """def forward(self, x):
    if x.sum() > 0:
        return x
    return self.slow(x)

@torch.jit.{mark}
def slow(self, x):
    return x + len(str(x))
"""


@pytest.mark.parametrize("mark", ["ignore", "unused"])
def test_a_marked_method_is_saved_as_one_that_raises_and_is_noted(mark: str, tmp_path: Path) -> None:
    artifact = converted(IGNORING.format(mark=mark), tmp_path)
    assert isinstance(artifact, Artifact)
    loaded = torch.jit.load(str(artifact.path))
    assert loaded(torch.ones(1)).tolist() == [1.0]
    with pytest.raises(torch.jit.Error):
        loaded(-torch.ones(1))
    assert [(note.code, note.line, note.function) for note in artifact.notes] == [("TA111", 10, "slow")]


def test_a_marked_method_that_nothing_calls_is_no_matter(tmp_path: Path) -> None:
    body = "def forward(self, x):\n    return x\n\n@torch.jit.ignore\ndef debug(self, x):\n    print(x)"
    artifact = converted(body, tmp_path)
    assert isinstance(artifact, Artifact)
    assert artifact.notes == ()


def test_an_unknown_message_is_cut_to_its_first_sentence() -> None:
    found = explain("c10::Error: the moon is full:\n  at somewhere\n")
    assert found.message == "Error: the moon is full"
