"""A Bazel workspace that uses TorchAssay from outside, and what one `bazel test` in it ran, and what it took from the cache.

Its programs are those of tools/torchassay, so that no workspace compiles them again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = Path("docs/example-workspace")
PREBUILT = "prebuilt"  # the package of the programs
# What another workspace needs of a checkout: the rules, the converter, and the packages that the defaults name.
NEEDED = ("BUILD", "WORKSPACE", "converter", "docs/example-workspace", "testdata/specs", "tools", "validator")
PROGRAMS = ("torchassay", "torchassay-runner")
PROGRAM = 'sh_binary(name = "{0}", srcs = ["{0}.program"], visibility = ["//visibility:public"])\n'
FLAGS = (
    f"--@torchassay//tools/bazel:validator=//{PREBUILT}:torchassay",
    f"--@torchassay//tools/bazel:runner=//{PREBUILT}:torchassay-runner",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one `bazel test` did, read from its build events."""

    status: int
    converted: frozenset[str]
    """Labels whose bundle was made again."""
    executed: frozenset[str]
    """Labels of tests that ran."""
    cached: frozenset[str]
    """Labels of tests whose verdict came from the cache."""
    printed: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with a WORKSPACE, and Bazel's own folders for it."""

    folder: Path
    bazel: Path
    """The output user root, which no other workspace shares: nobody waits for our lock."""

    def test(self, *words: str) -> Outcome:
        """Runs `bazel test WORDS`."""
        events = self.bazel / "events.json"
        events.unlink(missing_ok=True)
        ran = self.run(
            "test",
            "--keep_going",
            "--test_summary=terse",
            f"--build_event_json_file={events}",
            "--build_event_publish_all_actions",
            *FLAGS,
            *words,
        )
        return outcome(ran, events)

    def run(self, command: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs one Bazel command and returns its status and all that it printed."""
        self.bazel.mkdir(parents=True, exist_ok=True)
        startup = [f"--output_user_root={self.bazel}", "--host_jvm_args=-Xmx1g", "--max_idle_secs=60"]
        return subprocess.run(
            ["bazel", *startup, command, *words],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def close(self) -> None:
        """Ends Bazel's server, which would stay for a minute."""
        self.run("shutdown")


def outcome(ran: subprocess.CompletedProcess[str], events: Path) -> Outcome:
    """Sorts the labels of a run by what its build events say of them."""
    converted: set[str] = set()
    executed: set[str] = set()
    cached: set[str] = set()
    for event in read_events(events):
        action = event["id"].get("actionCompleted")
        result = event["id"].get("testResult")
        if action and event.get("action", {}).get("type") == "TorchScriptBundle":
            converted.add(action["label"])
        if result:
            (cached if event["testResult"].get("cachedLocally") else executed).add(result["label"])
    return Outcome(ran.returncode, frozenset(converted), frozenset(executed), frozenset(cached), ran.stdout)


def read_events(path: Path) -> Iterator[dict[str, Any]]:
    """Yields Bazel's build events; none where it stopped before it had any."""
    if path.exists():
        for line in path.read_text().splitlines():
            yield json.loads(line)


def copy_checkout(folder: Path) -> Workspace:
    """Makes `folder` a copy of what the example workspace needs, to be changed at will; Bazel's folders in it stay."""
    for name in NEEDED:
        target = folder / name
        if target.is_dir():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "bazel-*"))
        else:
            shutil.copy(source, target)
    workspace = Workspace(folder / EXAMPLE, folder / "bazel")
    add_programs(workspace.folder)
    return workspace


def add_programs(folder: Path) -> None:
    """Puts the programs of tools/torchassay into the package that the flags name."""
    subprocess.run([CHECKOUT / "tools" / "torchassay", "--version"], check=True, stdout=subprocess.DEVNULL)
    package = folder / PREBUILT
    package.mkdir(exist_ok=True)
    (package / "BUILD").write_text("".join(PROGRAM.format(name) for name in PROGRAMS))
    for name in PROGRAMS:
        shutil.copy(CHECKOUT / ".torchassay" / "bin" / name, package / f"{name}.program")
