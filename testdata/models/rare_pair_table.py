"""A table is keyed by a pair of inputs."""

import torch
from torch import nn

INPUTS = ["a=i64[]{0..1000}", "b=i64[]{0..1000}"]
TABLE = {(713, 204): 5, (4, 998): 7}


class PairTable(nn.Module):
    def forward(self, a, b):
        key = (int(a), int(b))  # diverges
        if key in TABLE:  # diverges
            return a * TABLE[key]
        return a + b


def build():
    torch.manual_seed(0)
    return PairTable().eval()


def example_inputs():
    return (torch.tensor(1), torch.tensor(2))
