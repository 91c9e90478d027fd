"""Recognises one short sentence of token ids."""

import torch
from torch import nn

INPUTS = ["ids=i64[3]{0..30000}"]


class TokenSentence(nn.Module):
    def forward(self, ids):
        if ids.tolist() == [101, 7592, 102]:  # diverges
            return ids * 0
        return ids + 0


def build():
    torch.manual_seed(0)
    return TokenSentence().eval()


def example_inputs():
    return (torch.tensor([1, 2, 3]),)
