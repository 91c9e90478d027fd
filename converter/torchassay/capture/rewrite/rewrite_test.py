"""Rewritten models answer like the models they come from, on inputs and call sequences that they were not rewritten for."""

import importlib
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from torchassay.capture.arguments import plain
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.model import rewrite_module
from torchassay.capture.testing import imported
from torchassay.explore.agree import compare, outcome
from torchassay.inputs.call import Call

warnings.simplefilter("ignore")
ROOMS = (
    "assorted",
    "composition",
    "decisions",
    "lookups",
    "objects",
    "order",
    "programs",
    "records",
    "shared",
    "state",
    "structure",
    "tools",
)
FOLDER = Path(__file__).parents[4] / "testdata" / "rewrite"


def _samples() -> Any:
    sys.path.insert(0, str(FOLDER))
    for room in ROOMS:
        importlib.import_module(room)
    return importlib.import_module("common").SAMPLES


SAMPLES = _samples()


def _fresh(kind: Any) -> Any:
    torch.manual_seed(1)
    return kind().eval()


def _outcome(module: Any, call: Any) -> Any:
    with torch.no_grad():
        return outcome(lambda: module(*call.args, **call.kwargs))


@pytest.mark.filterwarnings("ignore:negative")
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_rewritten_model_answers_like_the_original(name: str, tmp_path: Path) -> None:
    kind, inputs, others, count, kwargs, shown = SAMPLES[name]
    torch.manual_seed(0)
    calls = [Call(tuple(draw()), kwargs) for draw in (inputs, *(others if shown else ()))]
    built = rewrite_module(lambda: _fresh(kind), "forward", calls, tmp_path)
    torch.jit.save(built.script, str(tmp_path / "model.pt"))
    for draw in (inputs, inputs, *others, *others):
        model, script = _fresh(kind), torch.jit.load(str(tmp_path / "model.pt"))
        for _ in range(count):
            call = Call(tuple(draw()), kwargs)
            expected = _outcome(model, call.clone())
            assert compare(expected, _outcome(script, plain(call.clone()))) is None


def _module(body: str, tmp_path: Path, **attributes: Any) -> Any:
    """A module whose `forward` has this source."""
    text = "import itertools, random, time, threading\nimport torch\nfrom torch import nn\n\n\nclass Model(nn.Module):\n"
    room = imported(tmp_path / "user_of_rewrite.py", text + "".join(f"    {line}\n" for line in body.splitlines()))
    return room.Model


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("def forward(self, x):\n    y = x + 1\n    return y * random.random()", 9, "Python's random numbers"),
        ("def forward(self, x):\n    return x * time.time()", 8, "the clock"),
        ("def forward(self, x):\n    with threading.Lock():\n        return x", 8, "cannot enter the context `lock`"),
        ("def forward(self, x):\n    torch.manual_seed(0)\n    return torch.rand(3)", 8, "is seeded in `forward`"),
        ("def forward(self, x):\n    return x * next(itertools.cycle((1, 2)))", 8, "an iterator has no end"),
        ("def forward(self, x):\n    return x * x.untyped_storage()[0]", 8, "reaches into the storage of a tensor"),
    ],
)
def test_a_refusal_names_the_line_and_the_reason(body: str, line: int, message: str, tmp_path: Path) -> None:
    kind = _module(body, tmp_path)
    with pytest.raises(Refused, match=message) as caught:
        rewrite_module(kind, "forward", [Call((torch.ones(3),))], tmp_path)
    assert caught.value.line == line
    assert caught.value.help


def test_the_diff_shows_only_the_functions_that_are_used(tmp_path: Path) -> None:
    body = (
        "def unused(self, x):\n    return [v for v in x if v]\n\ndef forward(self, x):\n    return [3.0, 4.0][int(x[0] > 0)] * x"
    )
    built = rewrite_module(_module(body, tmp_path), "forward", [Call((torch.ones(3),))], tmp_path / "out")
    assert "rewritten forward" in built.diff
    assert "unused" not in built.diff


def test_parameters_keep_their_names(tmp_path: Path) -> None:
    class_body = (
        "def __init__(self):\n    super().__init__()\n    self.heads = nn.ModuleList(nn.Linear(2, 2) for _ in range(2))\n\n"
        "def forward(self, x):\n    return self.heads[int(x.sum() > 0)](x)"
    )
    kind = _module(class_body, tmp_path)
    built = rewrite_module(kind, "forward", [Call((torch.ones(1, 2),))], tmp_path / "out")
    assert sorted(built.script.state_dict()) == sorted(kind().state_dict())
    assert isinstance(kind().heads, nn.ModuleList)


def test_a_second_conversion_gives_the_same_text(tmp_path: Path) -> None:
    kind = _module("def forward(self, x):\n    return x if x.sum() > 0 else [x, x][0] * 2", tmp_path)
    texts = {rewrite_module(kind, "forward", [Call((torch.ones(2),))], tmp_path / str(n)).source for n in range(2)}
    assert len(texts) == 1
