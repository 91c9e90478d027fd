"""Sizes as people write them, and what a machine has to spare."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from torchassay.base.errors import UsageError
from torchassay.base.memory import parse_bytes, ran_out, spare_memory


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1000000", 10**6), ("512M", 512 << 20), ("2GiB", 2 << 30), ("1.5k", 1536), ("3 ", 3), ("4KB", 4096), ("1tib", 1 << 40)],
)
def test_sizes_are_in_powers_of_1024(text: str, expected: int) -> None:
    assert parse_bytes(text, "--memory") == expected


@pytest.mark.parametrize("text", ["", "much", "-1", "5 apples", "1e9", "nan", "2GiBB"])
def test_what_is_no_size_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--memory takes a size"):
        parse_bytes(text, "--memory")


def test_some_memory_is_to_spare_but_not_all_of_it() -> None:
    total = re.search(r"MemTotal: +(\d+) kB", Path("/proc/meminfo").read_text())
    assert total is not None
    assert 0 < spare_memory() < int(total[1]) * 1024


def test_an_allocator_is_known_by_its_words_and_behind_another_error() -> None:
    refused = RuntimeError("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory")
    assert ran_out(refused)
    assert ran_out(MemoryError())
    outer = ValueError("cannot be imported")
    assert not ran_out(outer)
    outer.__cause__ = refused
    assert ran_out(outer)
