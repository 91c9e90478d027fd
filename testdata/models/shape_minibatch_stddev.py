"""StyleGAN discriminator epilogue with the minibatch standard deviation layer."""

import torch
from torch import nn

INPUTS = ["x=f32[N:1..4,6,4,4]"]


class MinibatchStdLayer(nn.Module):
    def __init__(self, group_size, num_channels=1):
        super().__init__()
        self.group_size = group_size
        self.num_channels = num_channels

    def forward(self, x):
        N, C, H, W = x.shape
        G = min(self.group_size, N) if self.group_size is not None else N  # diverges
        F = self.num_channels
        c = C // F
        y = x.reshape(G, -1, F, c, H, W)
        y = y - y.mean(dim=0)
        y = y.square().mean(dim=0)
        y = (y + 1e-8).sqrt()
        y = y.mean(dim=[2, 3, 4])
        y = y.reshape(-1, F, 1, 1).repeat(G, 1, H, W)
        return torch.cat([x, y], dim=1)


class FullyConnected(nn.Module):
    def __init__(self, cin, cout, gain=2**0.5):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(cout, cin))
        self.bias = nn.Parameter(torch.zeros(cout))
        self.weight_gain = gain / cin**0.5

    def forward(self, x):
        return torch.addmm(self.bias, x, (self.weight * self.weight_gain).t())


class DiscriminatorEpilogue(nn.Module):
    def __init__(self, channels=6, hidden=10):
        super().__init__()
        self.mbstd = MinibatchStdLayer(group_size=4)
        self.conv = nn.Conv2d(channels + 1, channels, 3, padding=1)
        self.fc = FullyConnected(channels * 16, hidden)
        self.out = FullyConnected(hidden, 1, gain=1.0)

    def forward(self, x):
        x = nn.functional.leaky_relu(self.conv(self.mbstd(x)), 0.2)
        x = nn.functional.leaky_relu(self.fc(x.flatten(1)), 0.2)
        return self.out(x)


def build():
    torch.manual_seed(0)
    return DiscriminatorEpilogue().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(4, 6, 4, 4),)
