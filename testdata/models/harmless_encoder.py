"""Two encoder layers."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..3,T:1..6,8]"]


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)

    def forward(self, x):
        return self.a(x)


def build():
    torch.manual_seed(0)
    return Encoder().eval()


def example_inputs():
    return (torch.ones(2, 3, 8),)
