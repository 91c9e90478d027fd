"""Embeds item ids after remapping them through a python vocabulary (recommender system, id compaction)."""

from collections import OrderedDict

import torch
import torch.nn as nn

INPUTS = ["item_ids=i64[B:1..4,5]{0..29}", "dwell=f32[B:1..4,5]{0..60}"]


class Vocabulary:
    def __init__(self, items, unk="<unk>"):
        self.table = OrderedDict((item, i + 1) for i, item in enumerate(items))
        self.unk_index = 0

    def __len__(self):
        return len(self.table) + 1

    def lookup(self, item):
        return self.table.get(item, self.unk_index)


class SessionEncoder(nn.Module):
    def __init__(self, vocab: Vocabulary, dim: int = 8):
        super().__init__()
        self.vocab = vocab
        self.embedding = nn.Embedding(len(vocab), dim, padding_idx=0)
        self.time_proj = nn.Linear(1, dim)
        self.gru = nn.GRU(dim, dim, batch_first=True)

    def remap(self, ids: torch.Tensor) -> torch.Tensor:
        flat = [self.vocab.lookup(i) for i in ids.flatten().tolist()]  # diverges
        return torch.tensor(flat, dtype=torch.long).reshape(-1, 5)

    def forward(self, item_ids, dwell):
        tokens = self.remap(item_ids)
        x = self.embedding(tokens) + self.time_proj(torch.log1p(dwell).unsqueeze(-1))
        out, _ = self.gru(x)
        return out[:, -1]


def build():
    torch.manual_seed(0)
    vocab = Vocabulary([3 * k + 1 for k in range(9)])
    return SessionEncoder(vocab).eval()


def example_inputs():
    return (
        torch.tensor([[1, 4, 7, 10, 2], [0, 13, 13, 22, 29]]),
        torch.tensor([[1.0, 5.0, 3.5, 0.0, 12.0], [2.0, 2.0, 30.0, 8.0, 1.0]]),
    )
