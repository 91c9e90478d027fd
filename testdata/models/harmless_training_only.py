"""Keeps statistics only while training."""

import torch
from torch import nn

INPUTS = ["x=f32[N:2..5,4]"]


class TrainingOnly(nn.Module):
    def __init__(self):
        super().__init__()
        self.running = None

    def forward(self, x):
        m, s = x.mean(0), x.std(0)
        if self.training:
            self.running = m.detach()
        return (x - m) / (s + 1e-5)


def build():
    torch.manual_seed(0)
    return TrainingOnly().eval()


def example_inputs():
    return (torch.rand(3, 4),)
