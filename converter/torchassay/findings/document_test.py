from pathlib import Path

from torchassay.findings.document import document, main

PAGE = Path(__file__).parents[3] / "docs" / "findings.md"


def test_the_page_is_current() -> None:
    text = "run `python -m torchassay.findings.document docs/findings.md`"
    assert PAGE.read_text(encoding="utf-8") == document(), text


def test_check_tells_a_stale_page(tmp_path: Path) -> None:
    page = tmp_path / "findings.md"
    assert main(["--check", str(page)]) == 1
    assert main([str(page)]) == 0
    assert main(["--check", str(page)]) == 0
