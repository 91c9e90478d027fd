"""Logs every hundredth step."""

import torch
from torch import nn

INPUTS = ["x=f32[4]"]


class StepLog(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = 0
        self.log = []

    def forward(self, x):
        self.steps += 1
        if self.steps % 100 == 0:
            self.log.append(self.steps)
        return x.sigmoid()


def build():
    torch.manual_seed(0)
    return StepLog().eval()


def example_inputs():
    return (torch.ones(4),)
