"""Linear-chain CRF tagger for windows of six tokens: path score and partition function."""

import torch
import torch.nn as nn

INPUTS = ["feats=f32[B:1..4,6,5]{-6..6}", "tags=i64[B,6]{0..3}", "mask=bool[B,6]"]


class CRF(nn.Module):
    def __init__(self, num_tags: int, batch_first: bool = False) -> None:
        if num_tags <= 0:
            raise ValueError(f"invalid number of tags: {num_tags}")
        super().__init__()
        self.num_tags, self.batch_first = num_tags, batch_first
        self.start_transitions = nn.Parameter(torch.empty(num_tags).uniform_(-0.1, 0.1))
        self.end_transitions = nn.Parameter(torch.empty(num_tags).uniform_(-0.1, 0.1))
        self.transitions = nn.Parameter(torch.empty(num_tags, num_tags).uniform_(-0.5, 0.5))

    def forward(self, emissions, tags, mask=None, reduction: str = "none"):
        if reduction not in ("none", "sum", "mean"):
            raise ValueError(f"invalid reduction: {reduction}")
        if mask is None:
            mask = torch.ones_like(tags, dtype=torch.bool)
        self._validate(emissions, tags, mask)
        if self.batch_first:
            emissions, tags, mask = emissions.transpose(0, 1), tags.transpose(0, 1), mask.transpose(0, 1)
        llh = self._compute_score(emissions, tags, mask) - self._compute_normalizer(emissions, mask)
        return llh if reduction == "none" else getattr(llh, reduction)()

    def _validate(self, emissions, tags, mask):
        if emissions.dim() != 3:
            raise ValueError(f"emissions must have dimension of 3, got {emissions.dim()}")
        if emissions.size(2) != self.num_tags:
            raise ValueError(f"expected last dimension of emissions is {self.num_tags}, got {emissions.size(2)}")
        if emissions.shape[:2] != tags.shape or tags.shape != mask.shape:
            raise ValueError("the first two dimensions of emissions, tags and mask must match")
        first = mask[:, 0] if self.batch_first else mask[0]
        if not bool(first.all()):
            raise ValueError("mask of the first timestep must all be on")

    def _compute_score(self, emissions, tags, mask):
        seq_length, batch_size = tags.shape
        rows = torch.arange(batch_size)
        score = self.start_transitions[tags[0]] + emissions[0, rows, tags[0]]
        for i in range(1, seq_length):
            m = mask[i].to(emissions.dtype)
            score = score + (self.transitions[tags[i - 1], tags[i]] + emissions[i, rows, tags[i]]) * m
        seq_ends = mask.long().sum(dim=0) - 1
        return score + self.end_transitions[tags[seq_ends, rows]]

    def _compute_normalizer(self, emissions, mask):
        score = self.start_transitions + emissions[0]
        for i in range(1, emissions.size(0)):
            nxt = score.unsqueeze(2) + self.transitions + emissions[i].unsqueeze(1)
            score = torch.where(mask[i].unsqueeze(1), torch.logsumexp(nxt, dim=1), score)
        return torch.logsumexp(score + self.end_transitions, dim=1)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden2tag = nn.Linear(5, 4)
        self.crf = CRF(4, batch_first=True)

    def forward(self, feats, tags, mask):
        mask = torch.cat([torch.ones_like(mask[:, :1]), mask[:, 1:]], dim=1).cummin(dim=1).values
        return -self.crf(self.hidden2tag(feats), tags, mask)


def build():
    torch.manual_seed(0)
    return Tagger().eval()


def example_inputs():
    return torch.ones(2, 6, 5), torch.tensor([[0, 1, 2, 3, 0, 1], [3, 3, 0, 0, 1, 2]]), torch.ones(2, 6, dtype=torch.bool)
