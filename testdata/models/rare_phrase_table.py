"""Translation re-scorer with a phrase table: known token tuples receive the bonus stored in a python dict."""

import torch
from torch import nn

INPUTS = ["tokens=i64[4]{0..39}", "scores=f32[5]{-5..5}"]

PHRASES = {
    (3, 14, 15, 9): 4.0,
    (2, 7, 18, 28): -3.0,
    (1, 1, 2, 3): 2.5,
}


class PhraseScorer(nn.Module):
    def __init__(self, table, vocab=40, dim=6):
        super().__init__()
        self._table = dict(table)
        self.emb = nn.EmbeddingBag(vocab, dim, mode="mean")
        self.to_score = nn.Linear(dim, 5)

    @property
    def num_phrases(self):
        return len(self._table)

    def bonus(self, tokens):
        return self._table.get(tuple(tokens.tolist()), 0.0)  # diverges

    def forward(self, tokens, scores):
        base = self.to_score(self.emb(tokens.unsqueeze(0))).squeeze(0)
        mixed = torch.logaddexp(base, scores)
        boost = self.bonus(tokens)
        mask = torch.arange(5) == mixed.argmax()
        return mixed + boost * mask.to(mixed.dtype) / self.num_phrases


def build():
    torch.manual_seed(0)
    return PhraseScorer(PHRASES).eval()


def example_inputs():
    return torch.tensor([3, 14, 16, 9]), torch.linspace(-1, 1, 5)
