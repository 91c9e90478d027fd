"""The `torchassay` command of an installed wheel: finds the C++ program inside the package and becomes it."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent / "_programs"
NEEDS_LIBTORCH = {"bench", "check", "run", "validate"}
CANNOT_WORK = 2


def problem_with_torch(built_for: str) -> str | None:
    """Why this environment's LibTorch cannot serve the runner, or None: C++ links to one minor version."""
    try:
        installed = version("torch")
    except PackageNotFoundError:
        return f"torch is not installed\n = help: pip install torch=={built_for}"
    if installed.split(".")[:2] != built_for.split(".")[:2]:
        return (
            f"the runner was built for torch {built_for}, and this environment has {installed}"
            f"\n = help: pip install torch=={built_for}"
        )
    return None


def main() -> None:
    """Replaces this process; exits with status 2 where LibTorch is of another version and is needed."""
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    if command in NEEDS_LIBTORCH:
        problem = problem_with_torch((PROGRAMS / "torch_version").read_text().strip())
        if problem:
            sys.stderr.write(f"error[TA508]: {problem}\n")
            sys.exit(CANNOT_WORK)
    os.environ["TORCHASSAY_TOOL_PYTHON"] = sys.executable
    os.environ["TORCHASSAY_CONVERTER"] = str(PROGRAMS.parents[1])
    os.environ["TORCHASSAY_RUNNER"] = str(PROGRAMS / "torchassay-runner")
    program = PROGRAMS / "torchassay"
    os.execv(program, [str(program), *sys.argv[1:]])
