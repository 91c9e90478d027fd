"""Folders and files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from torchassay.base.errors import UsageError

MARKER = "manifest.json"


def check_replaceable(target: Path) -> None:
    """UsageError unless `target` is free, or an older bundle (which may be replaced)."""
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir():
        raise UsageError(f"`{target}` is a file; a bundle is a directory")
    names = {entry.name for entry in target.iterdir()}
    if names and MARKER not in names:
        raise UsageError(
            f"`{target}` exists and is no bundle",
            help="only an older bundle is replaced: name another directory with -o",
        )


def staging_place(target: Path) -> Path:
    """A free name beside `target` for what will take its place."""
    return target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")


@contextlib.contextmanager
def atomic_directory(target: Path, temporary: Path | None = None) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its place when the block ends well.

    A caller that names `temporary` itself can remove what is left when this process is killed.
    """
    check_replaceable(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary or staging_place(target)
    temporary.mkdir(mode=0o700)
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        _take_place(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _take_place(temporary: Path, target: Path) -> None:
    check_replaceable(target)
    if not target.exists():
        temporary.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    target.rename(old / "bundle")
    temporary.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_file(path: Path, text: str) -> None:
    """Replace a file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
