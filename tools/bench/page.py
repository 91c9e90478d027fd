"""How long the HTML report of a thousand outputs takes to open in headless Chromium, and how large it is.

    python3 tools/bench/page.py [OUTPUTS]

The time is from the start of the navigation until the loaded page has been painted, the smallest of several (interference only
ever adds); beside it stands that of an empty page.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tools" / "browser"))

from chromium import Chromium  # noqa: E402
from large_results import result_of  # noqa: E402

RUNS = 9
GOAL_SECONDS, GOAL_BYTES = 1.0, 5 << 20


def seconds_to_open(browser: Chromium, file: Path) -> float:
    """Returns the smallest of several openings, each in a tab of its own."""
    times = []
    for _ in range(RUNS):
        page = browser.open(file)
        times.append(page.seconds_to_paint())
        page.close()
    return min(times)


def main() -> int:
    outputs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name, Chromium() as browser:
        folder = Path(name)
        (folder / "result.json").write_text(json.dumps(result_of(1, outputs)))
        (folder / "empty.html").write_text("<!doctype html><title>empty</title><h1>empty</h1>")
        command = [CHECKOUT / "tools" / "torchassay", "report", "result.json", "--html", "page.html"]
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)
        page = folder / "page.html"
        seconds, size = seconds_to_open(browser, page), page.stat().st_size
        print(f"an empty page    {seconds_to_open(browser, folder / 'empty.html'):.3f} s")
        print(f"{outputs} outputs     {seconds:.3f} s   goal {GOAL_SECONDS:.0f} s")
        print(f"size             {size / (1 << 20):.2f} MiB   goal {GOAL_BYTES >> 20} MiB")
    return 0 if seconds < GOAL_SECONDS and size < GOAL_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
