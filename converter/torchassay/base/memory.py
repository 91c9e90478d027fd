"""How much memory a conversion may take: every process that runs the user's code inherits the limit of the worker."""

from __future__ import annotations

import contextlib
import re
import resource
from pathlib import Path

from torchassay.base.errors import UsageError

_SHARE = 0.8  # of what the machine has to spare: the rest of it goes on working
ADVICE = "give it more with --memory BYTES, or take a smaller model or smaller inputs"
_WORDS = ("can't allocate memory", "not enough memory", "bad_alloc", "Cannot allocate memory")
_SIZE = re.compile(r"(?P<number>\d+(\.\d+)?)((?P<unit>[KMGT])i?)?B?", re.IGNORECASE)


def parse_bytes(text: str, flag: str) -> int:
    """The bytes of a size such as `512M` or `2GiB`; units are powers of 1024."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{flag} takes a size such as `512M` or `2GiB`, not `{text}`")
    power = "KMGT".index(match["unit"].upper()) + 1 if match["unit"] else 0
    return int(float(match["number"]) * 1024**power)


def limit_memory(extra: int) -> None:
    """Lets this process and those it forks take `extra` bytes of data more than it has now; none of them dumps core."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = _kilobytes("/proc/self/status", "VmData:") * 1024 + extra
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def spare_memory() -> int:
    """Bytes that a conversion may take when nobody says how many."""
    available = _kilobytes("/proc/meminfo", "MemAvailable:") * 1024
    with contextlib.suppress(OSError, ValueError):  # the limit of a container, where there is one
        group = Path("/sys/fs/cgroup")
        free = int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
        available = min(available, max(0, free))
    return int(available * _SHARE)


def ran_out(error: BaseException) -> bool:
    """Whether an exception, or what caused it, says that memory could not be had."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or says_so(str(cause)):
            return True
        cause = cause.__cause__
    return False


def says_so(text: str) -> bool:
    """Whether a text holds the words of PyTorch, C++ or the system for memory that could not be had."""
    return any(words in text for words in _WORDS)


def _kilobytes(file: str, key: str) -> int:
    """The number in kB that follows a key in a file of /proc."""
    for line in Path(file).read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    raise OSError(f"{file} has no {key}")
