"""A child may do anything to its process; the caller gets a result."""

import contextlib
import ctypes
import importlib
import os
import sys
import time
from collections.abc import Callable

import pytest
import torch

from torchassay.base.child import Expired, alarm, run_child
from torchassay.base.memory import limit_memory


def test_a_value_comes_back() -> None:
    result = run_child(lambda: {"a": (1, "x")}, timeout=10)
    assert (result.status, result.value) == ("ok", {"a": (1, "x")})


def test_tensors_come_back_with_their_values() -> None:
    result = run_child(lambda: [torch.arange(3.0), torch.tensor(True)], timeout=10)
    assert result.value is not None
    assert torch.equal(result.value[0], torch.arange(3.0))
    assert result.value[1].item() is True


def test_a_segmentation_fault_is_a_crash_with_its_signal() -> None:
    result = run_child(lambda: ctypes.string_at(0), timeout=10)
    assert (result.status, result.describe()) == ("crashed", "crashed with SIGSEGV")


def test_an_early_exit_is_a_crash_with_its_code() -> None:
    result = run_child(lambda: os._exit(3), timeout=10)
    assert (result.status, result.exit_code) == ("crashed", 3)


def test_an_early_exit_with_code_zero_is_no_success() -> None:
    assert run_child(lambda: os._exit(0), timeout=10).status == "crashed"


def test_a_hang_is_killed_with_its_whole_group() -> None:
    def hang() -> None:
        if os.fork() == 0:
            time.sleep(60)
        time.sleep(60)

    started = time.monotonic()
    result = run_child(hang, timeout=0.3)
    assert result.status == "timeout"
    assert time.monotonic() - started < 5


def test_a_grandchild_that_stays_behind_does_not_block_the_caller() -> None:
    def leave() -> int:
        if os.fork() == 0:
            time.sleep(60)
        return 7

    started = time.monotonic()
    assert run_child(leave, timeout=20).value == 7
    assert time.monotonic() - started < 5


def test_memory_beyond_the_limit_is_named() -> None:
    def limited(take: Callable[[], float]) -> float:
        limit_memory(1 << 28)
        return take()

    assert run_child(lambda: limited(lambda: len(bytearray(1 << 30))), timeout=10).status == "memory"
    assert run_child(lambda: limited(lambda: torch.ones(1 << 28).sum().item()), timeout=10).status == "memory"
    assert run_child(lambda: limited(lambda: len(bytearray(1 << 26))), timeout=10).value == 1 << 26


def test_a_child_inherits_the_limit_of_memory() -> None:
    def parent() -> str:
        limit_memory(1 << 28)
        return run_child(lambda: len(bytearray(1 << 30)), timeout=10).status

    assert run_child(parent, timeout=20).value == "memory"


def test_an_exception_names_type_message_and_the_users_line() -> None:
    def raise_it() -> None:
        raise KeyError("missing")

    result = run_child(raise_it, timeout=10)
    assert result.status == "raised"
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("KeyError", "'missing'")
    assert result.error.file == __file__
    assert result.error.line == raise_it.__code__.co_firstlineno + 1


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt()])
def test_an_exit_exception_is_reported_like_any_other(error: BaseException) -> None:
    def leave() -> None:
        raise error

    assert run_child(leave, timeout=10).status == "raised"


def test_a_result_that_cannot_be_pickled_is_an_error() -> None:
    result = run_child(lambda: lambda: 0, timeout=10)
    assert result.status == "raised"


def test_a_huge_result_comes_back_whole() -> None:
    result = run_child(lambda: bytes(50_000_000), timeout=30)
    assert result.value is not None
    assert len(result.value) == 50_000_000


def test_prints_are_collected_and_do_not_reach_the_caller(capfd: pytest.CaptureFixture[str]) -> None:
    def talk() -> None:
        print("from python")  # noqa: T201
        os.write(2, b"from below\n")
        sys.stderr.write("more\n")

    result = run_child(talk, timeout=10)
    assert "from python" in result.output
    assert "from below" in result.output
    assert capfd.readouterr() == ("", "")


def test_an_alarm_passes_a_broad_except() -> None:
    def spin() -> None:
        while True:
            with contextlib.suppress(Exception):
                time.sleep(0.01)

    with pytest.raises(Expired), alarm(0.05):
        spin()


def test_a_body_that_swallows_an_alarm_has_expired() -> None:
    with pytest.raises(Expired), alarm(0.05), contextlib.suppress(BaseException):
        time.sleep(10)


def test_a_body_that_fails_because_of_an_alarm_has_expired() -> None:
    def clean_up() -> None:
        try:
            time.sleep(10)
        finally:
            raise IndexError("what the alarm interrupted was not finished")

    with pytest.raises(Expired), alarm(0.05):
        clean_up()


def test_an_error_in_time_is_that_error() -> None:
    with pytest.raises(IndexError), alarm(10):
        raise IndexError


def test_what_a_child_imports_of_pytorch_is_there_for_the_next_one() -> None:
    name = "torch.utils.benchmark"
    sys.modules.pop(name, None)
    assert run_child(lambda: importlib.import_module(name).__name__, timeout=60).value == name
    assert name in sys.modules
