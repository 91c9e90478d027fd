"""A recurrent cell unrolled over the time axis by `range`."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..3,T:1..10,4]"]


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(4, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = x.new_zeros(x.size(0), 5)
        for step in range(x.size(1)):  # diverges
            state = self.cell(x[:, step], state)
        return state


def build() -> nn.Module:
    torch.manual_seed(0)
    return Recurrent().eval()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(2, 3, 4),)
