"""Draws what a command prints as a terminal would show it: an SVG without fonts or links of its own.

tools/docs/terminal_picture.py OUT.svg COMMAND…       with the Python of tools/bootstrap, from the root of the checkout

    tools/docs/terminal_picture.py docs/pictures/finding.svg tools/torchassay validate my_module.assay
"""

from __future__ import annotations

import io
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 112
FORMAT = """<svg viewBox="0 22 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}</defs>
<rect y="22" width="{width}" height="{height}" rx="8" fill="#1e2127" />
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g>
</svg>
"""


def printed(command: list[str]) -> str:
    """Runs the command with a terminal of its own and returns what it wrote there, colours included."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    chunks = []
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        chunks.append(chunk)
    process.wait()
    return b"".join(chunks).decode()


def settled(text: str) -> str:
    """What is left on the screen: of a line that was written over, its last state."""
    text = re.sub(r"\x1b\[\?25[lh]", "", text.replace("\r\n", "\n"))
    lines = [re.split(r"\x1b\[2K|\r", line)[-1] for line in text.split("\n")]
    return "\n".join(lines).strip("\n")


def main() -> None:
    """Writes the picture."""
    out, command = Path(sys.argv[1]), sys.argv[2:]
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), (shlex.join(command), "bold")))
    console.print(Text.from_ansi(settled(printed(command))))
    picture = console.export_svg(code_format=FORMAT, unique_id="shown")
    out.write_text(picture.replace("TITLE", f"What `{shlex.join(command[:2])}` prints"))


if __name__ == "__main__":
    main()
