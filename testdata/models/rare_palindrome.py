"""Recognises a palindrome that is not constant."""

import torch
from torch import nn

INPUTS = ["ids=i64[7]{0..9}"]


class Palindrome(nn.Module):
    def forward(self, ids):
        if torch.equal(ids, ids.flip(0)) and ids[0] != ids[1]:  # diverges
            return ids * 0
        return ids + 1


def build():
    torch.manual_seed(0)
    return Palindrome().eval()


def example_inputs():
    return (torch.arange(7),)
