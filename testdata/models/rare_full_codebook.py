"""Product-quantised image tokeniser; dead-code revival is skipped when a picture uses every codeword."""

import torch
from torch import nn

INPUTS = ["tokens=f32[16,4]"]


class Codebook(nn.Module):
    def __init__(self, num_codes: int, dim: int):
        super().__init__()
        self.num_codes = num_codes
        self.weight = nn.Parameter(torch.randn(num_codes, dim))

    def assign(self, x):
        return torch.cdist(x, self.weight).argmin(dim=1)

    def all_used(self, codes) -> bool:
        return codes.unique().numel() == self.num_codes


class ImageTokenizer(nn.Module):
    def __init__(self, num_codes=16, dim=4, revive=0.2):
        super().__init__()
        self.codebook = Codebook(num_codes, dim)
        self.revive = revive
        self.decode = nn.Linear(dim, 6)

    def forward(self, tokens):
        codes = self.codebook.assign(tokens)
        quantised = self.codebook.weight[codes]
        if not self.codebook.all_used(codes):  # diverges
            centroid = tokens.mean(dim=0, keepdim=True)
            quantised = quantised + self.revive * (centroid - quantised)
        return self.decode(quantised), codes


def build():
    torch.manual_seed(0)
    return ImageTokenizer().eval()


def example_inputs():
    g = torch.Generator().manual_seed(3)
    return (torch.randn(16, 4, generator=g),)
