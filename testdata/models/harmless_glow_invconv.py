"""Glow step: actnorm with stored statistics and an invertible 1x1 convolution whose inverse is cached on first use."""

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["z=f32[B:1..3,4,H:2..6,W:2..6]"]


def thops_pixels(tensor):
    return int(tensor.size(1)), tensor.size(2) * tensor.size(3)


class ActNorm2d(nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.bias = nn.Parameter(0.1 * torch.randn(1, num_features, 1, 1))
        self.logs = nn.Parameter(0.1 * torch.randn(1, num_features, 1, 1))
        self.inited = True

    def initialize_parameters(self, x):
        if not self.training:
            raise ValueError("In Eval mode, but ActNorm not inited")
        self.bias.data.copy_(-x.mean(dim=(0, 2, 3), keepdim=True))
        self.inited = True

    def forward(self, x, logdet):
        if not self.inited:
            self.initialize_parameters(x)
        _, pixels = thops_pixels(x)
        return (x + self.bias) * torch.exp(self.logs), logdet + self.logs.sum() * pixels


class InvConv(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.weight = nn.Parameter(torch.linalg.qr(torch.randn(c, c))[0] + 0.05 * torch.randn(c, c))
        self._inverse = None

    def inverse_weight(self):
        if self._inverse is None:
            self._inverse = torch.inverse(self.weight.detach().double()).float()
        return self._inverse

    def forward(self, x, logdet):
        c, pixels = thops_pixels(x)
        out = F.conv2d(x, self.weight.view(c, c, 1, 1))
        return out, logdet + torch.slogdet(self.weight)[1] * pixels

    def reverse(self, x):
        c = int(x.size(1))
        return F.conv2d(x, self.inverse_weight().view(c, c, 1, 1))


class FlowStep(nn.Module):
    def __init__(self, c=4):
        super().__init__()
        self.actnorm, self.invconv = ActNorm2d(c), InvConv(c)

    def forward(self, z):
        assert z.size(1) % 2 == 0
        x, logdet = self.actnorm(z, z.new_zeros(z.size(0)))
        y, logdet = self.invconv(x, logdet)
        return y, self.invconv.reverse(y), logdet


def build():
    torch.manual_seed(0)
    return FlowStep().eval()


def example_inputs():
    return (torch.linspace(-1, 1, 96).view(2, 4, 3, 4),)
