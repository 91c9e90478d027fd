"""A list of exactly four items."""

import torch
from torch import nn

INPUTS = ["xs=list{1..5}", "xs[0]=f32[3]"]


class ListOfFour(nn.Module):
    def forward(self, xs):
        if len(xs) == 4:  # diverges
            return sum(xs) * 0
        return xs[0] + xs[-1]


def build():
    torch.manual_seed(0)
    return ListOfFour().eval()


def example_inputs():
    return ([torch.ones(3), torch.ones(3)],)
