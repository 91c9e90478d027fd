"""Three calls in the right order unlock another output."""

import torch
from torch import nn

INPUTS = ["k=i64[]{0..9}"]


class Password(nn.Module):
    def __init__(self):
        super().__init__()
        self.state = 0

    def forward(self, k):
        v = int(k)  # diverges
        self.state = self.state + 1 if v == (3, 1, 4)[self.state] else 0  # diverges
        if self.state == 3:  # diverges
            self.state = 0
            return k * 0 + 99
        return k + 0


def build():
    torch.manual_seed(0)
    return Password().eval()


def example_inputs():
    return (torch.tensor(0),)
