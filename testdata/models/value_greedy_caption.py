"""Image captioning decoder (show-attend-tell): greedy decoding until the end token."""

import torch
from torch import nn

INPUTS = ["img_feats=f32[6,10]{-2..2}"]

BOS, EOS, PAD = 1, 2, 0


class SoftAttention(nn.Module):
    def __init__(self, feat_dim, hid):
        super().__init__()
        self.f = nn.Linear(feat_dim, hid)
        self.h = nn.Linear(hid, hid)
        self.v = nn.Linear(hid, 1)

    def forward(self, feats, h):
        e = self.v(torch.tanh(self.f(feats) + self.h(h))).squeeze(-1)
        alpha = torch.softmax(e, dim=-1)
        return (alpha @ feats).unsqueeze(0), alpha


class CaptionDecoder(nn.Module):
    def __init__(self, vocab=7, feat_dim=10, hid=12, max_len=9):
        super().__init__()
        self.embed = nn.Embedding(vocab, hid)
        self.att = SoftAttention(feat_dim, hid)
        self.cell = nn.LSTMCell(hid + feat_dim, hid)
        self.init_h = nn.Linear(feat_dim, hid)
        self.head = nn.Linear(hid, vocab)
        self.max_len = max_len
        with torch.no_grad():
            self.head.weight.mul_(4)
            self.embed.weight.mul_(2)
            self.init_h.weight.mul_(3)
            self.cell.weight_ih.mul_(2)

    @torch.no_grad()
    def forward(self, img_feats):
        h = torch.tanh(self.init_h(img_feats.mean(0, keepdim=True)))
        c = torch.zeros_like(h)
        token = torch.full((1,), BOS, dtype=torch.long)
        score = img_feats.new_zeros(1)
        tokens = []
        for _ in range(self.max_len):
            ctx, _alpha = self.att(img_feats, h)
            h, c = self.cell(torch.cat([self.embed(token), ctx], dim=-1), (h, c))
            logp = self.head(h).log_softmax(-1)
            best, token = logp.max(-1)
            score = score + best
            tokens.append(token)
            if token == EOS:  # diverges
                break
        return torch.stack(tokens, dim=1), score


def build():
    torch.manual_seed(14)
    return CaptionDecoder().eval()


def example_inputs():
    g = torch.Generator().manual_seed(0)
    return (torch.randn(6, 10, generator=g).clamp(-2, 2),)
