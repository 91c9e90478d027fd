"""Where copies of a model answer otherwise, it is built again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest
import torch
from torch import nn

from torchassay.explore.copies import with_true_copies
from torchassay.inputs.call import Call
from torchassay.loading.subject import Subject
from torchassay.testing import subject_of


class Names(tuple[str, ...]):
    __slots__ = ()

    def __new__(cls, *names: str) -> Self:
        return super().__new__(cls, names)


class Scale:
    def __init__(self, factor: torch.Tensor) -> None:
        self.factor = factor

    def __deepcopy__(self, memo: dict[int, object]) -> Scale:
        return Scale(self.factor)


class Forgetful(list[int]):
    """Loses its items when it is copied."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (Forgetful, ())


class Model(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)
        self.names = Names("linear")
        self.counts = Forgetful([3]) if kind == "lost" else [3]
        self.scale = Scale(torch.ones(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for name in self.names:
            x = self.get_submodule(name)(x) * self.scale.factor
        return x * self.counts[0]


def subject(kind: str) -> Subject:
    return replace(subject_of(Model(kind)), build=lambda: Model(kind))


@pytest.mark.parametrize(("kind", "rebuilds"), [("kept", False), ("lost", True)])
def test_a_model_that_is_copied_wrongly_is_built_again(kind: str, rebuilds: bool, tmp_path: Path) -> None:
    x = torch.ones(1, 2)
    found = with_true_copies(subject(kind), Call((x,)), timeout=60)
    assert found.rebuilds == rebuilds
    fresh = found.fresh()
    assert torch.equal(fresh.call(Call((x,))), found.call(Call((x,))))  # type: ignore[arg-type]
    assert fresh.model.linear is not found.model.linear
    fresh.model.scale.factor.add_(1)  # type: ignore[union-attr, operator]
    assert found.model.scale.factor.tolist() == [1, 1]  # type: ignore[union-attr, operator]
