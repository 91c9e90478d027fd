"""The HTML page in headless Chromium: clicked, typed into, printed, and looked at in both colour schemes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from chromium import Chromium, Page

GOLDEN = Path(__file__).resolve().parents[2] / "testdata" / "golden" / "report.html"

# Every text of the page with its own colour and that of what is behind it, where the contrast is too small to be read.
LOW_CONTRAST = """(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map(c => c / 255)
    .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const back = channels(getComputedStyle(e).backgroundColor);
      if (back.length < 4 || back[3] === 1) return back;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || ["SCRIPT", "STYLE", "OPTION"].includes(element.tagName)) continue;
    const pair = [light(channels(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const contrast = (pair[0] + .05) / (pair[1] + .05);
    if (contrast < 4.5) found.push(node.textContent.trim().slice(0, 40) + ": " + contrast.toFixed(2));
  }
  return found;
})()"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Chromium) -> Iterator[Page]:
    page = browser.open(GOLDEN)
    page.resize(1280, 900)
    yield page
    assert page.requests == [GOLDEN.as_uri()]  # nothing but itself, whatever was clicked
    assert page.complaints == []
    page.close()


def shown(page: Page) -> list[str]:
    """The models in the table, in the order in which they stand there."""
    return list(page.evaluate("[...document.querySelectorAll('#fleet tbody tr:not([hidden]) a')].map(a => a.textContent)"))


def status(page: Page, selector: str) -> str:
    return str(page.evaluate(f"document.querySelector('{selector} [role=status]').textContent"))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent || document.activeElement.id"))


def is_open(page: Page, selector: str) -> bool:
    return bool(page.evaluate(f"document.querySelector('{selector}').open"))


def test_the_verdict_comes_first(page: Page) -> None:
    first = page.evaluate("document.querySelector('h1').innerText")
    assert first == "4 of 5 models did not pass"
    assert page.evaluate("document.querySelector('h1').getBoundingClientRect().bottom") < 200


def test_the_worst_models_come_first_and_a_click_sorts(page: Page) -> None:
    by_verdict = ["crashing.assay", "stale.assay", "my <module> & co.assay", "bare.pt", "resnet18.assay"]
    assert shown(page) == by_verdict
    page.click("#fleet th:nth-child(2) button")
    assert shown(page) == sorted(by_verdict)
    page.click("#fleet th:nth-child(2) button")
    assert shown(page) == sorted(by_verdict, reverse=True)
    page.click("#fleet th:nth-child(5) button")  # the largest error first
    assert shown(page)[:2] == ["my <module> & co.assay", "resnet18.assay"]
    assert page.evaluate("[...document.querySelectorAll('[aria-sort]')].map(h => h.textContent)") == ["largest error"]


def test_the_filter_finds_models_by_name_and_by_code(page: Page) -> None:
    page.click("#filter-name")
    page.type("RESNET")
    assert shown(page) == ["resnet18.assay"]
    assert status(page, ".filter") == "1 of 5 models"
    hidden = page.evaluate("[...document.querySelectorAll('details.model')].filter(d => d.hidden).length")
    assert hidden == 4
    page.evaluate("document.getElementById('filter-name').select()")
    page.type("ta213")
    assert shown(page) == ["stale.assay"]


def test_the_filter_by_verdict_counts_what_is_left(page: Page) -> None:
    page.click("#filter-verdict")
    page.evaluate("document.getElementById('filter-verdict').value = 'passed'")
    page.evaluate("document.getElementById('filter-verdict').dispatchEvent(new Event('input', {bubbles: true}))")
    assert shown(page) == ["resnet18.assay"]


def test_a_models_name_leads_to_its_section_and_the_proof_to_its_case(page: Page) -> None:
    assert not is_open(page, "#m1")
    page.click('#fleet a[href="#m1"]')
    assert is_open(page, "#m1")
    assert page.evaluate("document.getElementById('m1').getBoundingClientRect().top") < 100
    page.evaluate("document.querySelectorAll('#m1 .case').forEach(c => c.open = false)")
    page.click("#m1 .finding dd a")
    assert is_open(page, "#m1c1")
    page.evaluate("document.getElementById('m1c1').open = false")
    page.click("#m1 .finding dd a")  # the address is the same, and yet it unfolds again
    assert is_open(page, "#m1c1")


def test_a_link_from_outside_unfolds_what_it_names(browser: Chromium, tmp_path: Path) -> None:
    page = browser.open(GOLDEN)
    page.evaluate("location.hash = '#m1c1o0'; new Promise(done => setTimeout(done, 50))")
    assert is_open(page, "#m1")
    assert is_open(page, "#m1c1o0")


def test_what_differs_is_told_in_numbers_beside_the_chart(page: Page) -> None:
    page.click('#fleet a[href="#m1"]')
    output = str(page.evaluate("document.getElementById('m1c1o0').innerText"))
    for text in ("38 of 4000 elements", "would pass with", "atol 1e-05", "Worst elements", "[2, 117]", "0.413147", "30 \N{MULTIPLICATION SIGN}"):
        assert text in output
    widths = page.evaluate("[...document.querySelectorAll('#m1c1o0 .histogram .bar')].map(b => b.offsetWidth)")
    assert max(widths) > 100
    assert min(widths) > 0


def test_the_source_stands_beside_the_divergence(page: Page) -> None:
    page.click('#fleet a[href="#m1"]')
    rows = page.evaluate("[...document.querySelectorAll('#m1 .source tr[class]')].map(r => r.innerText)")
    assert [re.sub(r"\s+", " ", row) for row in rows] == [
        "12 if x.sum() > 0 & x < 1: here, always True",
        "15 y = self.weight + x dropped",
    ]


def test_the_module_tree_says_where_the_error_starts(page: Page) -> None:
    page.click('#fleet a[href="#m1"]')
    row = str(page.evaluate("document.querySelector('#m1 .modules tr.fails').innerText"))
    assert "gate the error starts here" in re.sub(r"\s+", " ", row)
    assert "3.1e-04" in row


def test_the_keyboard_reaches_everything(page: Page) -> None:
    page.press("Tab")
    assert focused(page) == "Skip to the results"
    page.press("Enter")
    page.press("Tab")
    assert focused(page) == "filter-name"
    for _ in range(2):
        page.press("Tab")
    assert focused(page) == "verdict"
    page.press("Tab")
    page.press("Enter")
    assert page.evaluate("document.querySelector('#fleet th:nth-child(2)').getAttribute('aria-sort')") == "ascending"
    page.evaluate("document.querySelector('#m1 > summary').focus()")
    page.press("Space")
    assert is_open(page, "#m1")


def test_the_focus_can_be_seen(page: Page) -> None:
    page.press("Tab")
    for _ in range(12):
        page.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", focused(page)


def test_landmarks_and_headings_in_order(page: Page) -> None:
    nodes = page.command("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    for landmark in ("banner", "main", "contentinfo"):
        assert roles.count(landmark) == 1
    levels = [int(tag[1]) for tag in page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5')].map(h => h.tagName)")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_headers_and_every_field_a_name(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    rows = page.evaluate(
        "[...document.querySelectorAll('tbody tr')].filter(r => !r.querySelector('th[scope=row]')).map(r => r.innerText)"
    )
    assert rows == []
    nodes = page.command("Accessibility.getFullAXTree")["nodes"]
    fields = ("button", "searchbox", "combobox", "link", "checkbox")
    nameless = [n for n in nodes if not n["ignored"] and n["role"]["value"] in fields and not n["name"]["value"].strip()]
    assert nameless == []


def test_no_verdict_is_told_by_colour_alone(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    marks = "document.querySelectorAll('.badge, .legend li, tr.fails')"
    assert page.evaluate(f"[...{marks}].filter(m => !m.textContent.trim() || !m.querySelector('use')).length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_enough_contrast(page: Page, scheme: str) -> None:
    page.prefer(scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate(LOW_CONTRAST) == []


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.resize(width, 800)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_shows_what_is_folded(page: Page, tmp_path: Path) -> None:
    page.evaluate("document.getElementById('m0').open = false")
    page.pdf(tmp_path / "page.pdf")
    assert is_open(page, "#m0")
    assert (tmp_path / "page.pdf").stat().st_size > 20_000


def test_the_page_can_be_read_without_its_script(browser: Chromium) -> None:
    page = browser.open(GOLDEN)
    page.command("Emulation.setScriptExecutionDisabled", value=True)
    page.load(GOLDEN)
    nodes = page.command("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    assert "searchbox" not in roles  # a filter that does nothing is not offered
    assert roles.count("row") >= 6
