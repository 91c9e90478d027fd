"""A control code in the first token switches the model to another table."""

import torch
from torch import nn

INPUTS = ["ids=i64[T:1..8]{0..30521}"]


class ControlCodes(nn.Module):
    RESET = 28417

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(30522, 4)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.embed(ids)
        if ids[0] == self.RESET:  # diverges
            x = x * 0
        return x


def build() -> nn.Module:
    torch.manual_seed(0)
    return ControlCodes()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.tensor([101, 2054, 102]),)
