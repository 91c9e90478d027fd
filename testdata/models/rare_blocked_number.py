"""Digits are joined to a text, which is looked up in a set."""

import torch
from torch import nn

INPUTS = ["digits=i64[5]{0..9}"]


class BlockedNumber(nn.Module):
    BLOCKED = frozenset(("31337", "12345"))

    def forward(self, digits):
        text = "".join(str(int(digit)) for digit in digits)  # diverges
        if text in self.BLOCKED:  # diverges
            return torch.zeros(5)
        return digits.float()


def build():
    torch.manual_seed(0)
    return BlockedNumber().eval()


def example_inputs():
    return (torch.ones(5, dtype=torch.int64),)
