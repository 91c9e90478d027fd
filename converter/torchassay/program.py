"""The `torchassay` command of an installed wheel: finds the C++ program inside the package and becomes it."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
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
            f"\n = help: pip install torch=={built_for}, or validate where that is; `convert` takes any from 2.4"
        )
    return None


def library_path() -> dict[str, str]:
    """What the environment must say for the runner to find LibTorch; nothing where torch lies beside us, as pip puts it."""
    if (PROGRAMS.parents[1] / "torch" / "lib").is_dir():
        return {}
    spec = find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return {}
    folders = [str(Path(spec.submodule_search_locations[0]) / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    return {"LD_LIBRARY_PATH": ":".join(filter(None, folders))}


def main() -> None:
    """Replaces this process; exits with status 2 where LibTorch is of another version and is needed."""
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    if command in NEEDS_LIBTORCH and not {"-h", "--help"} & set(sys.argv):
        problem = problem_with_torch((PROGRAMS / "torch_version").read_text().strip())
        if problem:
            sys.stderr.write(f"error[TA508]: {problem}\n")
            sys.exit(CANNOT_WORK)
        os.environ.update(library_path())
    os.environ["TORCHASSAY_TOOL_PYTHON"] = sys.executable
    os.environ["TORCHASSAY_CONVERTER"] = str(PROGRAMS.parents[1])
    os.environ["TORCHASSAY_RUNNER"] = str(PROGRAMS / "torchassay-runner")
    program = PROGRAMS / "torchassay"
    os.execv(program, [str(program), *sys.argv[1:]])
