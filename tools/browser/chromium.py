"""A page in headless Chromium, driven over its debugging pipe: no port, no driver program, the standard library alone.

    with Chromium() as browser:
        page = browser.open(Path("report.html"))
        page.click("#filter-name")
        page.type("resnet")
        assert page.evaluate("document.querySelectorAll('tr:not([hidden])').length") == 1
        assert page.requests == [Path("report.html").as_uri()] and page.complaints == []
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Answer = dict[str, Any]

NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # the tests run as root in a container; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--allow-pre-commit-input",  # else what is clicked before a page is drawn for the first time is dropped
    "--force-color-profile=srgb",
)
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "Space": 32, "ArrowDown": 40}
# Fulfilled once what is there now has been drawn.
SHOWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
TEXT_OF_KEY = {"Enter": "\r", "Space": " "}


class BrowserError(Exception):
    """Chromium is absent, ended, did not answer, or refused a command."""


def find_chromium() -> str:
    """Returns the program's path."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise BrowserError(f"none of {', '.join(NAMES)} is installed")


def pipe_ends() -> tuple[int, int]:
    """Returns a pipe to read from and to write to, clear of the numbers 3 and 4, which Chromium's ends will have."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


class Pipe:
    """The debugging pipe: commands and answers as JSON, each ended by a NUL."""

    def __init__(self, read_end: int, write_end: int, timeout: float) -> None:
        self._read_end = read_end
        self._write_end = write_end
        self._timeout = timeout
        self._pending = b""
        self._last_id = 0
        self.events: list[Answer] = []

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Answer:
        """Returns the result of a command; events that come meanwhile are kept in `events`."""
        self._last_id += 1
        message: Answer = {"id": self._last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write_end, json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") != self._last_id:
                self.events.append(answer)
            elif "error" in answer:
                raise BrowserError(f"{method}: {answer['error']['message']}")
            else:
                return dict(answer["result"])
        raise BrowserError(f"{method}: no answer")

    def wait_for(self, method: str, session: str) -> Answer:
        """Returns the first event of this kind that `events` holds of the session, or else the next one."""
        for event in self.events_of(session):
            if event.get("method") == method:
                return event
        for message in self._messages():
            self.events.append(message)
            if message.get("method") == method and message.get("sessionId") == session:
                return message
        raise BrowserError(f"no {method}")

    def events_of(self, session: str) -> list[Answer]:
        return [event for event in self.events if event.get("sessionId") == session]

    def forget(self, session: str) -> None:
        self.events = [event for event in self.events if event.get("sessionId") != session]

    def _messages(self) -> Iterator[Answer]:
        until = time.monotonic() + self._timeout
        while True:
            while b"\0" in self._pending:
                text, self._pending = self._pending.split(b"\0", 1)
                yield json.loads(text)
            if not select.select([self._read_end], [], [], max(0, until - time.monotonic()))[0]:
                raise BrowserError(f"no answer within {self._timeout:.0f} s")
            received = os.read(self._read_end, 1 << 20)
            if not received:
                raise BrowserError("chromium has ended")
            self._pending += received


class Page:
    """One tab. `requests` and `complaints` grow while the page is used."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        target = pipe.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = str(pipe.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **parameters: Any) -> Answer:
        """Sends any command of the DevTools protocol."""
        return self._pipe.call(method, self._session, **parameters)

    def load(self, file: Path) -> None:
        """Opens a file and waits for its load event."""
        self._pipe.forget(self._session)
        self.command("Page.navigate", url=file.resolve().as_uri())
        self._pipe.wait_for("Page.loadEventFired", self._session)

    def seconds_to_paint(self) -> float:
        """Returns how long it took from the start of the navigation until the loaded page was painted."""
        script = "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
        return float(self.evaluate(script)) / 1000

    def close(self) -> None:
        self.command("Page.close")

    @property
    def requests(self) -> list[str]:
        """The addresses that the page asked for, its own among them."""
        return [event["params"]["request"]["url"] for event in self._events("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[str]:
        """What the console has: errors, warnings, and whatever the page itself printed."""
        thrown = [str(e["params"]["exceptionDetails"]["text"]) for e in self._events("Runtime.exceptionThrown")]
        printed = [str(e["params"]["args"]) for e in self._events("Runtime.consoleAPICalled")]
        return thrown + printed + [str(e["params"]["entry"]["text"]) for e in self._events("Log.entryAdded")]

    def _events(self, method: str) -> list[Answer]:
        self.evaluate("0")  # whatever was under way has arrived after this
        return [event for event in self._pipe.events_of(self._session) if event.get("method") == method]

    def evaluate(self, script: str) -> Any:
        """Returns the value of a JavaScript expression; a promise is awaited."""
        answer = self.command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserError(str(details.get("exception", {}).get("description", details["text"])))
        return answer["result"].get("value")

    def click(self, selector: str) -> None:
        """Clicks with the mouse in the middle of the first element that `selector` finds, once the page is drawn."""
        self.evaluate(SHOWN)
        place = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def press(self, key: str, *, shift: bool = False) -> None:
        """Presses and releases one of KEYS."""
        common = {"key": " " if key == "Space" else key, "code": key, "windowsVirtualKeyCode": KEYS[key], "modifiers": 8 * shift}
        text = TEXT_OF_KEY.get(key)
        self.command("Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {}))
        self.command("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        """Enters text where the focus is."""
        self.command("Input.insertText", text=text)

    def resize(self, width: int, height: int) -> None:
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, *, scheme: str = "light", media: str = "screen") -> None:
        """Shows the page as somebody sees it who prefers `light` or `dark`, on `screen` or in `print`."""
        self.command("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, file: Path, *, whole: bool = True) -> None:
        """Writes a PNG of the whole page, or of the window."""
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        area = {"clip": clip, "captureBeyondViewport": True} if whole else {}
        file.write_bytes(base64.b64decode(self.command("Page.captureScreenshot", format="png", **area)["data"]))

    def pdf(self, file: Path) -> None:
        """Writes what the printer would get."""
        file.write_bytes(base64.b64decode(self.command("Page.printToPDF", printBackground=False, preferCSSPageSize=True)["data"]))


class Chromium:
    """A browser with a fresh profile, gone at the end of its `with` block."""

    def __init__(self, *, timeout: float = 60) -> None:
        self._program = find_chromium()
        self._timeout = timeout

    def __enter__(self) -> Self:
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        theirs_in, self._ours_out = pipe_ends()
        self._ours_in, theirs_out = pipe_ends()
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "chromium", self._program, *FLAGS,
             f"--user-data-dir={self._profile.name}", "--remote-debugging-pipe", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs_in, theirs_out),
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._pipe = Pipe(self._ours_in, self._ours_out, self._timeout)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._pipe.call("Browser.close")
            self._process.wait(timeout=10)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._ours_in)
        os.close(self._ours_out)
        self._profile.cleanup()

    def open(self, file: Path) -> Page:
        """Returns a tab of its own with the file."""
        page = Page(self._pipe)
        page.load(file)
        return page
