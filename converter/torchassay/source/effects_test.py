from pathlib import Path

import pytest

from torchassay.source.effects import is_without_effect

SOURCE = """
import logging
import warnings

logger = logging.getLogger(__name__)


class Model:
    def forward(self, x):
        unused = x.max().item()  # yes
        used = x.min().item()  # no
        print(x.mean().item())  # yes
        logger.info("mean %s", x.mean().item())  # yes
        self.last_norm = x.norm().item()  # yes
        self.scale = x.norm().item()  # no
        self.calls += 1  # yes
        self.steps += 1  # no
        self.history.append(x.item())  # yes
        self.memory.append(x.item())  # no
        self.named = x.item()  # no
        if x.isnan().any():  # yes
            warnings.warn("nan")
        if x.isinf().any():  # no
            x = x.clamp(max=1)
        if x.isinf().any():  # no
            logger.info("inf")
            return x
        if x.sum() > 0 and x.min() > 0:  # yes
            self.calls += 1
        else:
            pass
        total = 0
        total += x.item()  # no
        return x * self.scale * used * self.steps * self.memory[0] * getattr(self, "named") * total
"""
LINES = SOURCE.splitlines()
MARKED = [(number, text.endswith("# yes")) for number, text in enumerate(LINES, 1) if text.endswith(("# yes", "# no"))]


@pytest.mark.parametrize(("line", "idle"), MARKED)
def test_what_cannot_reach_the_output(tmp_path: Path, line: int, idle: bool) -> None:
    file = tmp_path / "model.py"
    file.write_text(SOURCE)
    assert is_without_effect(str(file), None, line, []) is idle, LINES[line - 1]


def test_another_file_of_the_model_may_read_the_attribute(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SOURCE)
    (tmp_path / "other.py").write_text("def f(model):\n    return model.last_norm\n")
    line = next(number for number, text in enumerate(LINES, 1) if "last_norm" in text)
    assert not is_without_effect(str(tmp_path / "model.py"), None, line, [str(tmp_path / "other.py")])


def test_without_source_everything_may_matter() -> None:
    assert not is_without_effect("<string>", None, 3, [])
