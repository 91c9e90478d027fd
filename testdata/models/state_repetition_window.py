"""Decoder step with a repetition penalty over the last few chunks of generated ids (kept by the processor)."""

import torch
from torch import nn

INPUTS = ["ids=i64[1,T:1..6]{0..31}"]


class RepetitionWindow:
    """Logits processor remembering the recent chunks it has been given."""

    def __init__(self, penalty: float = 1.5, chunks: int = 4):
        self.penalty = penalty
        self.chunks = chunks
        self.window = []

    def __call__(self, ids, logits):
        self.window.append(ids)  # diverges
        del self.window[:-self.chunks]
        seen = torch.cat(self.window, dim=1)  # diverges
        picked = logits.gather(1, seen)
        picked = torch.where(picked < 0, picked * self.penalty, picked / self.penalty)
        return logits.scatter(1, seen, picked)


class DecoderStep(nn.Module):
    def __init__(self, vocab=32, dim=10):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.mix = nn.Sequential(nn.Linear(dim, dim), nn.GELU())
        self.lm_head = nn.Linear(dim, vocab)
        self.processor = RepetitionWindow()

    def forward(self, ids):
        h = self.mix(self.embed(ids)).mean(dim=1)
        logits = self.processor(ids, self.lm_head(h))
        return logits.softmax(dim=-1)


def build():
    torch.manual_seed(0)
    return DecoderStep().eval()


def example_inputs():
    return (torch.tensor([[4, 7, 30]]),)
