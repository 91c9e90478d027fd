"""What MODEL and REF mean: `path/file.py:NAME`, `package.module:NAME`, or a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from torchassay.base.closest import closest
from torchassay.base.errors import LoadError, UsageError

ARCHIVE_SUFFIXES = (".pt", ".pth", ".ts", ".jit", ".torchscript")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
_HELP = "write `path/file.py:NAME` or `package.module:NAME`"


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed reference: a Python file or module with a name in it, or a finished archive."""

    text: str
    name: str
    file: Path | None = None
    module: str | None = None
    archive: Path | None = None


def parse_reference(text: str) -> Reference:
    """Read MODEL; the files that it names must exist."""
    place, colon, name = text.rpartition(":")
    if not colon:
        return _without_name(text)
    if not _DOTTED.match(name):
        raise UsageError(f"`{text}` has no usable name after `:`", help=_HELP)
    if place.endswith(".py") or "/" in place:
        return Reference(text, name, file=existing_file(Path(place)))
    if not _DOTTED.match(place):
        raise UsageError(f"`{place}` is neither a Python file nor a module", help=_HELP)
    return Reference(text, name, module=place)


def _without_name(text: str) -> Reference:
    path = Path(text)
    if path.suffix in ARCHIVE_SUFFIXES:
        return Reference(text, path.stem, archive=existing_file(path))
    if path.is_file() and path.suffix != ".py":
        return Reference(text, path.stem, archive=path.resolve())
    if path.suffix == ".py":
        existing_file(path)
        raise UsageError(
            f"`{text}` does not say which model of the file is meant",
            help=f"write `{text}:NAME`, the name of a class, a function or an instance",
        )
    raise UsageError(f"`{text}` is no model", help=_HELP)


def existing_file(path: Path) -> Path:
    """The absolute path of a file that is there, not empty, and no folder."""
    if path.is_dir():
        raise LoadError(f"`{path}` is a directory, not a file")
    if not path.exists():
        raise LoadError(f"there is no file `{path}`", help=_nearby(path))
    if path.stat().st_size == 0:
        raise LoadError(f"`{path}` is empty")
    return path.resolve()


def _nearby(path: Path) -> str | None:
    try:
        names = [other.name for other in path.parent.iterdir()]
    except OSError:
        return f"there is no directory `{path.parent}` either"
    guess = closest(path.name, names)
    return f"did you mean `{path.parent / guess}`" if guess else None
