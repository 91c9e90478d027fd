"""Whatever happens to the worker, the parent leaves nothing half done behind."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from torchassay.cli.parent import main, swept
from torchassay.cli.request import Request

KILLER = """\
import os
import signal

from torch import nn


class Killer(nn.Module):
    def forward(self, x):
        os.kill(os.getppid(), signal.SIGKILL)
        return x
"""


def test_what_is_half_done_is_swept_away(tmp_path: Path) -> None:
    with swept(Request(model="net.py:x", output=str(tmp_path / "net.assay"), created="")) as request:
        assert request.staging is not None
        assert request.scratch is not None
        Path(request.staging).mkdir()
        (Path(request.scratch) / "model.pt").touch()
    assert not Path(request.scratch).exists()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_worker_leaves_no_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "killer.py").write_text(KILLER)
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    model, output = f"{tmp_path / 'killer.py'}:Killer", str(tmp_path / "killer.assay")
    assert main(["convert", model, "--input", "x=f32[2]", "--python", sys.executable, "-o", output, "--quiet"]) == 5
    assert list((tmp_path / "scratch").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".tmp", ".assay")] == []
