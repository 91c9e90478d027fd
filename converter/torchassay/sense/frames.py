"""The call path to a leak: which frames are the model's own code, which are a library's, and which module is at work."""

from __future__ import annotations

import linecache
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType

from torchassay.sense.leak import Frame
from torchassay.source.instructions import position_at

# A build may run us through links, and a code object remembers the path that it was imported by.
_OWN = tuple(f"{file.parents[1]}/" for file in (Path(__file__), Path(__file__).resolve()))
_LIBRARIES = frozenset(("torch", "functorch", "torchgen", "numpy", "scipy", "typing_extensions.py"))
_INSTALLED = ("/site-packages/", "/dist-packages/")

# A chain of (code, instruction, module path), innermost first: cheap to build, and equal only for equal call paths.
RawChain = tuple[tuple[CodeType, int, str], ...]


@lru_cache(maxsize=4096)
def origin_of(file: str) -> str:
    """Returns whose code a file is: `own` (this package), `library`, `package` (installed) or `user`."""
    if file.startswith(_OWN) and not file.endswith("_test.py"):
        return "own"
    if file.startswith("<frozen"):
        return "library"
    package = _package(file)
    if package:
        return "library" if package in _LIBRARIES else "package"
    inside = file.startswith(_standard_folders())
    return "library" if inside or file.startswith("<__array_function__") else "user"


_ORIGINS: dict[CodeType, str] = {}


def origin_of_frame(frame: FrameType) -> str:
    """Returns whose code runs in `frame`; generated code, which has no file, belongs to the module it runs for."""
    code = frame.f_code
    known = _ORIGINS.get(code)
    if known is None:
        file = code.co_filename
        owner = frame.f_globals.get("__file__") if file.startswith("<") else None
        known = _ORIGINS[code] = origin_of(owner if isinstance(owner, str) else file)
    return known


@lru_cache(maxsize=1)
def _standard_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return (paths["stdlib"] + "/", paths["platstdlib"] + "/")


class FrameReader:
    """Reads the running call path, up to the function that called the model."""

    def __init__(self, modules: Mapping[int, str]) -> None:
        self._modules = modules
        self._boundary: FrameType | None = None

    def start_below(self, frame: FrameType) -> None:
        """Sets the frame that calls the model: it and what lies outside of it are no part of any chain."""
        self._boundary = frame

    def chain(self, frame: FrameType | None = None) -> RawChain:
        """Returns the call path to `frame`, or to the caller: innermost first, without this package's own frames."""
        return tuple(self._walk(frame if frame is not None else sys._getframe(1)))

    def _walk(self, frame: FrameType | None) -> Iterator[tuple[CodeType, int, str]]:
        frames = []
        while frame is not None and frame is not self._boundary:
            if origin_of_frame(frame) != "own":
                frames.append(frame)
            frame = frame.f_back
        module = ""
        labelled = []
        for each in reversed(frames):
            module = self._module_of(each, module)
            labelled.append((each.f_code, each.f_lasti, module))
        return reversed(labelled)

    def _module_of(self, frame: FrameType, outer: str) -> str:
        code = frame.f_code
        if not code.co_argcount or not code.co_varnames:
            return outer
        try:
            first = frame.f_locals.get(code.co_varnames[0])
        except Exception:  # a class of the user's may break in any way when its frame is read
            return outer
        return self._modules.get(id(first), outer)


@lru_cache(maxsize=65536)
def _frame(code: CodeType, instruction: int, module: str) -> Frame:
    position = position_at(code, instruction)
    line = position.line if position is not None else code.co_firstlineno
    origin = _ORIGINS.get(code) or origin_of(code.co_filename)
    return Frame(code.co_filename, line, code.co_name, module, origin, position)


def frames_of(chain: RawChain) -> tuple[Frame, ...]:
    """Returns the frames of a chain, outermost first."""
    return tuple(_frame(*step) for step in reversed(chain))


def relevant(frames: tuple[Frame, ...]) -> Frame | None:
    """Returns the frame that a person would point at: the innermost of the model's own code.

    An installed package's frame counts as the model's own where the module at work is itself that package's, as in a
    transformers model; a helper package that the user's module calls does not. PyTorch's own frames never do, unless
    there is nothing else.
    """
    user = [frame for frame in frames if frame.origin == "user" and not _is_generated(frame)]
    user = user or [frame for frame in frames if frame.origin == "user"]
    package = [frame for frame in frames if frame.origin == "package" and _is_module_code(frame, frames)]
    inner = [frame for frame in frames if frame in user or frame in package]
    if inner:
        return inner[-1]
    packages = [frame for frame in frames if frame.origin == "package"]
    return packages[-1] if packages else (frames[-1] if frames else None)


def _is_generated(frame: Frame) -> bool:
    """True for code that a library wrote into the model's module, such as the methods of a dataclass."""
    return frame.file.startswith("<") and not linecache.getlines(frame.file)


def _is_module_code(frame: Frame, frames: tuple[Frame, ...]) -> bool:
    """True where a method of one of the package's own modules is on the path at or above `frame`."""
    package = _package(frame.file)
    return any(_package(other.file) == package and other.function in _ENTRIES for other in frames[: frames.index(frame) + 1])


_ENTRIES = frozenset(("forward", "__call__", "generate"))


def _package(file: str) -> str:
    """The installed package that a file belongs to, or "". String search alone: it is asked for every loaded module."""
    for folder in _INSTALLED:
        at = file.rfind(folder)
        if at >= 0:
            return file[at + len(folder) :].partition("/")[0]
    return ""
