"""A page of a thousand outputs, and one of a thousand models: small enough, self-contained, and they still react."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Chromium, Page
from large_results import result_of

PROGRAM = Path(__file__).resolve().parents[1] / "torchassay"
MEBIBYTE = 1 << 20


def rendered(folder: Path, models: int, outputs: int) -> Path:
    (folder / "result.json").write_text(json.dumps(result_of(models, outputs)))
    command = [PROGRAM, "report", "result.json", "--html", "page.html"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return folder / "page.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def outputs(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    file = rendered(tmp_path_factory.mktemp("outputs"), 1, 1000)
    assert file.stat().st_size < 5 * MEBIBYTE
    page = browser.open(file)
    yield page
    assert page.requests == [file.as_uri()]
    assert page.complaints == []
    page.close()


def status(page: Page) -> str:
    return str(page.evaluate("document.querySelector('.filter [role=status]').textContent"))


def test_a_filter_finds_one_output_of_a_thousand(outputs: Page) -> None:
    outputs.click(".filter [type=search]")
    outputs.type("hidden_states[407]")
    assert status(outputs) == "1 of 1000 outputs"
    rows = outputs.evaluate("[...document.querySelectorAll('.outputs tbody tr')].filter(r => r.checkVisibility()).length")
    assert rows == 1
    assert outputs.evaluate("[...document.querySelectorAll('.case')].filter(c => c.checkVisibility()).length") == 1
    outputs.evaluate("document.querySelector('.filter [type=search]').value = ''")


def test_a_box_leaves_what_failed(outputs: Page) -> None:
    outputs.click(".filter [type=checkbox]")
    assert status(outputs) == "20 of 1000 outputs"
    outputs.click(".filter [type=checkbox]")
    assert status(outputs) == "1000 of 1000 outputs"


def test_every_output_unfolds(outputs: Page) -> None:
    outputs.click('.outputs a[href="#m0c3o249"]')
    text = str(outputs.evaluate("document.getElementById('m0c3o249').innerText"))
    assert "cosine similarity" in text


def test_a_fleet_of_a_thousand_models(browser: Chromium, tmp_path: Path) -> None:
    file = rendered(tmp_path, 1000, 10)
    assert file.stat().st_size < 5 * MEBIBYTE
    page = browser.open(file)
    assert page.evaluate("document.querySelector('h1').innerText") == "100 of 1,000 models did not pass"
    page.click("#filter-name")
    page.type("team-3/")
    assert re.fullmatch(r"14\d of 1000 models", str(page.evaluate("document.getElementById('shown').textContent")))
    page.click("#fleet tbody tr:not([hidden]) a")
    assert page.evaluate("[...document.querySelectorAll('details.model')].filter(d => d.open).length") == 1
    assert page.requests == [file.as_uri()]
    assert page.complaints == []
