"""How a call of the user's model is kept within its time."""

from __future__ import annotations

import time

import pytest
import torch
from torch.overrides import BaseTorchFunctionMode, _get_current_function_mode_stack, _pop_mode

from torchassay.explore.agree import Raised
from torchassay.explore.pair import TooMuch, guarded


def test_what_a_call_raises_is_its_result() -> None:
    def fail() -> None:
        raise ValueError("no such class")

    raised = guarded(fail, 10)
    assert isinstance(raised, Raised)
    assert (raised.type, raised.message) == ("ValueError", "no such class")


def test_an_alarm_while_pytorch_has_taken_a_mode_off_its_stack_does_not_lose_the_mode() -> None:
    def interrupted() -> None:
        _pop_mode()
        time.sleep(10)

    with BaseTorchFunctionMode() as mode:
        with pytest.raises(TooMuch):
            guarded(interrupted, 0.05)
        assert _get_current_function_mode_stack() == [mode]
    assert _get_current_function_mode_stack() == []


def test_an_alarm_anywhere_inside_a_mode_is_too_slow_and_nothing_else() -> None:
    x = torch.ones(3)

    def spin() -> None:
        while True:
            with BaseTorchFunctionMode():
                x.norm()  # a Python function of PyTorch, which takes the mode off while it runs

    for _ in range(20):
        with BaseTorchFunctionMode(), pytest.raises(TooMuch):
            guarded(spin, 0.02)
    assert _get_current_function_mode_stack() == []
