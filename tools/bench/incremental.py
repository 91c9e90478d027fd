"""One changed bundle among many: how many tests does the second `bazel test` run, and how long do both take?

tools/bench/incremental.py [--bundles N] [--keep FOLDER]      with the Python of tools/bootstrap

The bundles are copies of one that is converted first, each with a time of its own, so that no two are the same to Bazel.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.bazel.workspace import CHECKOUT, EXAMPLE, Outcome, Workspace, add_programs

RULES = """load("@torchassay//tools/bazel:torchassay.bzl", "model_validation_test")

[filegroup(name = name[:-6], srcs = glob([name + "/**"])) for name in NAMES]

[model_validation_test(name = name[:-6] + "_test", size = "small", bundle = name[:-6]) for name in NAMES]
"""


def convert(folder: Path) -> Path:
    """Makes the bundle that the others are copies of."""
    model = CHECKOUT / "testdata" / "demo" / "my_module.py"
    bundle = folder / "first.assay"
    words = [f"{model}:MyModule", "--inputs-from", f"{model}:example_inputs", "--mode", "script", "--budget", "0", "--quiet"]
    subprocess.run([CHECKOUT / "tools" / "torchassay", "convert", *words, "-o", bundle], check=True)
    return bundle


def set_time(bundle: Path, day: int) -> None:
    """Gives a bundle another digest, and nothing else."""
    manifest = bundle / "manifest.json"
    created = f'"created": "{2000 + day // 336}-{day // 28 % 12 + 1:02}-{day % 28 + 1:02}T00:00:00Z"'
    manifest.write_text(re.sub(r'"created": *"[^"]*"', created, manifest.read_text(), count=1))


def make_workspace(folder: Path, bundles: int) -> Workspace:
    """A workspace with a test for each of `bundles` bundles."""
    workspace = Workspace(folder / "workspace", folder / "bazel")
    shutil.copytree(CHECKOUT / EXAMPLE, workspace.folder, ignore=shutil.ignore_patterns("models", "bazel-*"))
    rules = workspace.folder / "WORKSPACE"
    rules.write_text(rules.read_text().replace("../..", str(CHECKOUT)))
    add_programs(workspace.folder)
    first = convert(folder)
    names = [f"b{number:04}.assay" for number in range(bundles)]
    for number, name in enumerate(names):
        set_time(Path(shutil.copytree(first, workspace.folder / name)), number)
    load, _, rest = RULES.partition("\n")
    (workspace.folder / "BUILD").write_text(f"{load}\n\nNAMES = {names!r}\n{rest}".replace("'", '"'))
    return workspace


def timed(workspace: Workspace, name: str) -> Outcome:
    """Runs all tests and prints one line."""
    started = time.perf_counter()
    ran = workspace.test("//...")
    took = time.perf_counter() - started
    print(f"{name:<12} {len(ran.executed):5} run, {len(ran.cached):5} cached   {took:7.1f} s", flush=True)
    if ran.status != 0:
        sys.exit(ran.printed)
    return ran


def main() -> int:
    """Prints three lines; exit status 0 if the change of one bundle ran one test."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bundles", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="a folder to work in, which stays")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp())
    workspace = make_workspace(folder, options.bundles)
    try:
        timed(workspace, "first")
        timed(workspace, "unchanged")
        set_time(workspace.folder / "b0001.assay", options.bundles)
        ran = timed(workspace, "one changed")
    finally:
        workspace.close()
        if not options.keep:
            subprocess.run(["chmod", "-R", "u+w", folder], check=False)
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if (len(ran.executed), len(ran.cached)) == (1, options.bundles - 1) else 1


if __name__ == "__main__":
    sys.exit(main())
