"""SASRec sequential recommender: causal self-attention over item histories, warns about empty histories."""

import warnings

import torch
from torch import nn

INPUTS = ["log_seqs=i64[B:1..4,T:1..10]{0..49}", "item_indices=i64[B,3]{1..49}"]


class PointWiseFeedForward(nn.Module):
    def __init__(self, hidden_units, dropout_rate):
        super().__init__()
        self.conv1 = nn.Conv1d(hidden_units, hidden_units, kernel_size=1)
        self.conv2 = nn.Conv1d(hidden_units, hidden_units, kernel_size=1)
        self.dropout = nn.Dropout(p=dropout_rate)

    def forward(self, inputs):
        out = self.conv2(self.dropout(torch.relu(self.conv1(inputs.transpose(-1, -2)))))
        return out.transpose(-1, -2) + inputs


class CausalAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.scale = dim ** -0.5

    def forward(self, x, timeline_mask):
        tl = x.shape[1]
        future = torch.triu(torch.ones((tl, tl), dtype=torch.bool), diagonal=1)
        scores = self.q(x) @ self.k(x).transpose(1, 2) * self.scale
        scores = scores.masked_fill(future | timeline_mask.unsqueeze(1), float("-inf"))
        weights = torch.nan_to_num(scores.softmax(dim=-1))
        return weights @ self.v(x)


class SASRec(nn.Module):
    def __init__(self, item_num=49, dim=8, maxlen=10, blocks=2):
        super().__init__()
        self.item_emb = nn.Embedding(item_num + 1, dim, padding_idx=0)
        self.pos_emb = nn.Embedding(maxlen, dim)
        self.attn = nn.ModuleList(CausalAttention(dim) for _ in range(blocks))
        self.ffn = nn.ModuleList(PointWiseFeedForward(dim, 0.2) for _ in range(blocks))
        self.norm = nn.LayerNorm(dim, eps=1e-8)
        self.maxlen = maxlen

    def log2feats(self, log_seqs):
        if log_seqs.shape[1] > self.maxlen:
            raise ValueError(f"history longer than {self.maxlen}")
        seqs = self.item_emb(log_seqs) * self.item_emb.embedding_dim ** 0.5
        seqs = seqs + self.pos_emb(torch.arange(log_seqs.shape[1]))
        pad = log_seqs == 0
        if pad.all(dim=1).any():
            warnings.warn(f"{int(pad.all(dim=1).sum())} users without history")
        seqs = seqs * ~pad.unsqueeze(-1)
        for attn, ffn in zip(self.attn, self.ffn):
            seqs = ffn(seqs + attn(self.norm(seqs), pad)) * ~pad.unsqueeze(-1)
        return self.norm(seqs)

    def forward(self, log_seqs, item_indices):
        final_feat = self.log2feats(log_seqs)[:, -1, :]
        return (self.item_emb(item_indices) @ final_feat.unsqueeze(-1)).squeeze(-1)


def build():
    torch.manual_seed(0)
    return SASRec().eval()


def example_inputs():
    return torch.tensor([[0, 0, 4, 9, 31], [7, 3, 2, 44, 1]]), torch.tensor([[1, 2, 3], [10, 20, 49]])
