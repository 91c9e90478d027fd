"""Checks ids against the vocabulary, which the declaration keeps."""

import torch
from torch import nn

INPUTS = ["ids=i64[T:1..6]{0..99}"]


class CheckedEmbedding(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(100, 3)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        assert int(ids.min()) >= 0 and int(ids.max()) < self.embed.num_embeddings
        return self.embed(ids)


def build() -> nn.Module:
    torch.manual_seed(0)
    return CheckedEmbedding()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.tensor([1, 2, 3]),)
