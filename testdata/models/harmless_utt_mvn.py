"""Utterance-level mean and variance normalisation with finite guards and running debug statistics."""

import logging

import torch
from torch import nn

INPUTS = ["x=f32[B:1..4,T:1..20,5]{-1000..1000}", "ilens=i64[B]{1..20}"]


def utterance_mvn(x, ilens=None, norm_means=True, norm_vars=False, eps=1.0e-4):
    if ilens is None:
        ilens = x.new_full([x.size(0)], x.size(1))
    ilens_ = ilens.to(x.device, x.dtype).clamp(max=x.new_tensor(x.size(1))).view(-1, *[1 for _ in range(x.dim() - 1)])
    pad = torch.arange(x.size(1), device=x.device)[None, :, None] >= ilens_
    if x.requires_grad:
        x = x.masked_fill(pad, 0.0)
    else:
        x = x.clone().masked_fill_(pad, 0.0)
    mean = x.sum(dim=1, keepdim=True) / ilens_
    if norm_means:
        x = x - mean
        if norm_vars:
            var = x.masked_fill(pad, 0.0).pow(2).sum(dim=1, keepdim=True) / ilens_
            x = x / torch.clamp(var.sqrt(), min=eps)
        return x, ilens
    if norm_vars:
        y = (x - mean).masked_fill(pad, 0.0)
        x = x / torch.clamp((y.pow(2).sum(dim=1, keepdim=True) / ilens_).sqrt(), min=eps)
    return x, ilens


class UtteranceMVN(nn.Module):
    def __init__(self, norm_means=True, norm_vars=True, eps=1.0e-4, debug=True):
        super().__init__()
        self.norm_means, self.norm_vars, self.eps = norm_means, norm_vars, eps
        self.debug = debug
        self.register_buffer("frames_seen", torch.zeros((), dtype=torch.long), persistent=False)
        self.peak = 0.0

    def extra_repr(self):
        return f"norm_means={self.norm_means}, norm_vars={self.norm_vars}, peak={self.peak:.2f}"

    def forward(self, x, ilens=None):
        if self.debug:
            self.frames_seen += x.size(0) * x.size(1)
            self.peak = max(self.peak, x.abs().max().item())
            if self.peak > 500:
                logging.debug("peak %.1f after %s frames", self.peak, self.frames_seen.tolist())
        y, lens = utterance_mvn(x, ilens, self.norm_means, self.norm_vars, self.eps)
        bad = ~torch.isfinite(y)
        if bad.any():
            logging.warning("%d bad values", bad.sum().item())
            y = torch.where(bad, torch.zeros_like(y), y)
        return y.clamp(-20.0, 20.0)


def build():
    torch.manual_seed(0)
    return UtteranceMVN().eval()


def example_inputs():
    return torch.arange(50.0).view(2, 5, 5), torch.tensor([5, 4])
