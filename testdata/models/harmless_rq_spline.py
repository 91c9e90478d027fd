"""Rational-quadratic spline transform on the unit interval (after nflows), with its domain checks."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

INPUTS = ["inputs=f32[N:1..16,3]{0..1}", "context=f32[N,4]{-3..3}"]


class InputOutsideDomain(Exception):
    """Exception to be thrown when the input to a transform is not within its domain."""


def searchsorted(bin_locations, inputs, eps=1e-6):
    bin_locations = torch.cat([bin_locations[..., :-1], bin_locations[..., -1:] + eps], dim=-1)
    return torch.sum(inputs[..., None] >= bin_locations, dim=-1) - 1


def cumulative(unnormalized, min_size, left=0.0, right=1.0):
    num_bins = unnormalized.shape[-1]
    sizes = min_size + (1 - min_size * num_bins) * F.softmax(unnormalized, dim=-1)
    cum = F.pad(torch.cumsum(sizes, dim=-1), pad=(1, 0), mode="constant", value=0.0)
    cum = (right - left) * cum + left
    cum = torch.cat([torch.full_like(cum[..., :1], left), cum[..., 1:-1], torch.full_like(cum[..., :1], right)], -1)
    return cum, cum[..., 1:] - cum[..., :-1]


def rational_quadratic_spline(inputs, uw, uh, ud, left=0.0, right=1.0, min_bin=1e-3, min_derivative=1e-3):
    if torch.min(inputs) < left or torch.max(inputs) > right:
        raise InputOutsideDomain()
    num_bins = int(uw.shape[-1])
    if min_bin * num_bins > 1.0:
        raise ValueError("Minimal bin width too large for the number of bins")
    cumwidths, widths = cumulative(uw, min_bin)
    cumheights, heights = cumulative(uh, min_bin)
    derivatives = min_derivative + F.softplus(ud)

    bin_idx = searchsorted(cumwidths, inputs)[..., None]
    assert bin_idx.min() >= 0 and bin_idx.max() < num_bins
    pick = lambda t: t.gather(-1, bin_idx)[..., 0]  # noqa: E731
    cw, w, ch, h = pick(cumwidths), pick(widths), pick(cumheights), pick(heights)
    delta = h / w
    d0, d1 = pick(derivatives), pick(derivatives[..., 1:])
    theta = (inputs - cw) / w
    tt = theta * (1 - theta)
    denominator = delta + (d0 + d1 - 2 * delta) * tt
    outputs = ch + h * (delta * theta.pow(2) + d0 * tt) / denominator
    num = delta.pow(2) * (d1 * theta.pow(2) + 2 * delta * tt + d0 * (1 - theta).pow(2))
    return outputs, torch.log(num.clamp(min=1e-12)) - 2 * torch.log(denominator.clamp(min=1e-12))


class ConditionalSpline(nn.Module):
    def __init__(self, features=3, context=4, num_bins=5):
        super().__init__()
        self.features, self.num_bins = features, num_bins
        self.net = nn.Sequential(nn.Linear(context, 16), nn.Tanh(), nn.Linear(16, features * (3 * num_bins + 1)))
        self.constant = float(np.log(np.exp(1 - 1e-3) - 1))

    def forward(self, inputs, context):
        p = self.net(context).view(-1, self.features, 3 * self.num_bins + 1)
        uw, uh, ud = p.split([self.num_bins, self.num_bins, self.num_bins + 1], dim=-1)
        y, logabsdet = rational_quadratic_spline(inputs, uw, uh, ud + self.constant)
        return y, logabsdet.sum(-1)


def build():
    torch.manual_seed(0)
    return ConditionalSpline().eval()


def example_inputs():
    return torch.tensor([[0.1, 0.5, 1.0], [0.0, 0.7, 0.33]]), torch.ones(2, 4)
