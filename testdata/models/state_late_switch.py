"""After twelve calls the model switches to its averaged weights."""

import torch
from torch import nn

INPUTS = ["x=f32[3]"]


class LateSwitch(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen += 1  # diverges
        if self.seen > 12:  # diverges
            return x * 0.5
        return x


def build() -> nn.Module:
    return LateSwitch()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(3),)
