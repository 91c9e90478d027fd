"""One step of batched beam search (fairseq style): scores, pad and eos rules, top-k over beams and words."""

import math

import torch
from torch import nn

INPUTS = ["prev=i64[B:1..3,4]{0..11}", "scores=f32[B,4]{-30..0}", "finished=bool[B,4]"]


class Search(nn.Module):
    def __init__(self, pad, eos, vocab):
        super().__init__()
        self.pad, self.eos, self.vocab_size = pad, eos, vocab
        self.stop_on_max_len = False

    def step(self, lprobs, scores):
        raise NotImplementedError


class BeamSearch(Search):
    def __init__(self, *args, beam_size=4):
        super().__init__(*args)
        self.beam_size = beam_size

    def step(self, lprobs, scores):
        bsz, beam_size, vocab_size = lprobs.size()
        lprobs = lprobs + scores.unsqueeze(-1)
        k = min(beam_size * 2, int(beam_size) * int(vocab_size) - 1)  # -1 so we never select pad
        scores_buf, indices = torch.topk(lprobs.view(bsz, -1), k=int(k))
        beams = torch.div(indices, vocab_size, rounding_mode="trunc")
        return scores_buf, indices.fmod(vocab_size), beams


class Generator(nn.Module):
    def __init__(self, vocab=12, dim=10, beam_size=4, unk_penalty=0.5, min_len=0, temperature=1.0):
        super().__init__()
        self.pad, self.eos, self.unk = 1, 2, 3
        self.unk_penalty, self.min_len, self.temperature = unk_penalty, min_len, temperature
        self.search = BeamSearch(self.pad, self.eos, vocab, beam_size=beam_size)
        self.emb, self.out = nn.Embedding(vocab, dim), nn.Linear(dim, vocab)

    def forward(self, prev, scores, finished, step=1, prefix_tokens=None):
        assert prev.shape == scores.shape == finished.shape
        logits = self.out(torch.tanh(self.emb(prev)))
        if self.temperature != 1.0:
            logits = logits / self.temperature
        lprobs = logits.log_softmax(-1)
        lprobs[lprobs != lprobs] = torch.tensor(-math.inf)
        lprobs[..., self.pad] = -math.inf  # never select pad
        lprobs[..., self.unk] -= self.unk_penalty
        if step < self.min_len:
            lprobs[..., self.eos] = -math.inf
        if prefix_tokens is not None:
            lprobs = lprobs.gather(-1, prefix_tokens)
        only_eos = torch.full_like(lprobs, -math.inf)
        only_eos[..., self.eos] = 0.0
        lprobs = torch.where(finished.unsqueeze(-1), only_eos, lprobs)

        cand_scores, cand_words, cand_beams = self.search.step(lprobs, scores)
        if torch.isnan(cand_scores).any():
            raise FloatingPointError("NaN among the candidates")
        beam = self.search.beam_size
        eos_mask = cand_words.eq(self.eos) & cand_scores.ne(-math.inf)
        # order: live hypotheses first, then finished ones, each by rank
        rank = eos_mask.long() * (2 * beam) + torch.arange(cand_words.size(1))[None]
        _, keep = torch.topk(rank, k=beam, dim=1, largest=False)
        return cand_scores.gather(1, keep), cand_words.gather(1, keep), cand_beams.gather(1, keep)


def build():
    torch.manual_seed(0)
    return Generator().eval()


def example_inputs():
    fin = torch.tensor([[False, False, True, False], [False, False, False, False]])
    return torch.tensor([[4, 5, 2, 7], [6, 6, 0, 9]]), torch.tensor([[-1.0, -1.5, -2.0, -4.0], [-0.5, -3.0, -3.5, -9.0]]), fin
