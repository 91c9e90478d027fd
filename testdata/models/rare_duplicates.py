"""Deduplicates ids only when two are equal."""

import torch
from torch import nn

INPUTS = ["ids=i64[5]{0..100000}"]


class Deduplicate(nn.Module):
    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        if len(set(ids.tolist())) < ids.numel():  # diverges
            return ids * 0
        return ids + 1


def build() -> nn.Module:
    return Deduplicate()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.tensor([5, 900, 31, 77, 40000]),)
