"""A feature pyramid whose number of levels varies."""

import torch
from torch import nn

INPUTS = ["levels=list{1..4}", "levels[0]=f32[2,3]"]


class Pyramid(nn.Module):
    def forward(self, levels: list[torch.Tensor]) -> torch.Tensor:
        total = torch.zeros(2, 3)
        for level in levels:  # diverges
            total = total + level
        return total / len(levels)  # diverges


def build() -> nn.Module:
    return Pyramid()


def example_inputs() -> tuple[object, ...]:
    return ([torch.ones(2, 3), torch.ones(2, 3)],)
