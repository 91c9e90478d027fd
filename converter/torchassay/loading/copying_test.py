"""A copy of a model shares nothing that a call can change, be it in a closure."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from torchassay.loading.copying import copied


class Taps:
    """Collects what submodules return, by hooks that are closures on it."""

    def __init__(self, model: nn.Module) -> None:
        self.found: dict[str, torch.Tensor] = {}
        for name, module in model.named_children():
            module.register_forward_hook(self._hook(name))

    def _hook(self, name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
            self.found[name] = output

        return hook


class Tapped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.taps = Taps(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.first(x)
        return self.taps.found.pop("first") * 2


def test_hooks_of_a_copy_write_into_the_copy() -> None:
    model = Tapped()
    twin, x = copied(model), torch.ones(2, 3)
    assert torch.equal(twin(x), model(x))
    assert model.taps.found == {}


def counter() -> tuple[Callable[[], int], Callable[[], int]]:
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return count

    def read() -> int:
        return count

    return step, read


def test_two_functions_of_a_copy_share_one_variable_and_not_with_the_original() -> None:
    model = nn.Module()
    model.step, model.read = counter()  # type: ignore[assignment]
    twin: Any = copied(model)
    twin.step()
    assert (twin.read(), model.read()) == (1, 0)  # type: ignore[operator]
    assert twin.step.__name__ == "step"


def recursive() -> Callable[[int], int]:
    def factorial(n: int) -> int:
        return n * factorial(n - 1) if n else 1

    return factorial


def test_a_function_that_holds_itself_is_copied() -> None:
    model = nn.Module()
    model.rule = recursive()  # type: ignore[assignment]
    twin: Any = copied(model)
    assert twin.rule(4) == 24
    assert twin.rule.__closure__[0].cell_contents is twin.rule


def test_what_cannot_be_copied_is_shared() -> None:
    lock = threading.Lock()

    def guarded() -> bool:
        return lock.locked()

    model = nn.Module()
    model.rule = guarded  # type: ignore[assignment]
    twin: Any = copied(model)
    assert twin.rule() is False


def test_a_function_without_a_closure_is_the_same() -> None:
    model = nn.Module()
    model.rule = torch.relu  # type: ignore[assignment]
    model.other = counter  # type: ignore[assignment]
    twin: Any = copied(model)
    assert (twin.rule, twin.other) == (torch.relu, counter)


class Cycling(nn.Module):
    """Leaves its iterator out of what is pickled."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.turns = itertools.cycle([1, 2, 3])

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "turns": None}

    def forward(self, x: torch.Tensor) -> Any:
        return self.layer(x) * next(self.turns)


def test_a_copy_has_what_pickling_would_leave_out() -> None:
    model: Any = nn.Sequential(Cycling())
    twin: Any = copied(model)
    x = torch.ones(1, 2)
    assert torch.equal(twin(x), model(x))
    assert not torch.equal(twin(x), model[0].layer(x))  # each has a second turn of its own
    assert twin[0].layer.weight is not model[0].layer.weight
