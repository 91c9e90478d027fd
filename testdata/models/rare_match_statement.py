"""Dispatches on an opcode by a match statement."""

import torch
from torch import nn

INPUTS = ["op=i64[]{0..65535}", "x=f32[3]"]


class Machine(nn.Module):
    def forward(self, op: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        match int(op):  # diverges
            case 0x1F2A | 0x1F2B:  # diverges
                return -x
            case 0xCAFE:  # diverges
                return x * x
            case _:
                return x


def build() -> nn.Module:
    return Machine()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return torch.tensor(3), torch.tensor([1.0, 2.0, 3.0])
