"""Llama rotary attention with a cos/sin cache that is grown on demand."""

import torch
from torch import nn

INPUTS = ["hidden_states=f32[B:1..2,T:1..24,8]"]


def rotate_half(x):
    x1, x2 = x.chunk(2, dim=-1)
    return torch.cat((-x2, x1), dim=-1)


class LlamaRotaryEmbedding(nn.Module):
    def __init__(self, dim, max_position_embeddings=16, base=10000.0):
        super().__init__()
        inv_freq = 1.0 / (base ** (torch.arange(0, dim, 2).float() / dim))
        self.register_buffer("inv_freq", inv_freq, persistent=False)
        self._set_cos_sin_cache(max_position_embeddings)

    def _set_cos_sin_cache(self, seq_len):
        self.max_seq_len_cached = seq_len
        t = torch.arange(seq_len).type_as(self.inv_freq)
        freqs = torch.outer(t, self.inv_freq)
        emb = torch.cat((freqs, freqs), dim=-1)
        self.register_buffer("cos_cached", emb.cos(), persistent=False)
        self.register_buffer("sin_cached", emb.sin(), persistent=False)

    def forward(self, seq_len):
        if seq_len > self.max_seq_len_cached:  # diverges
            self._set_cos_sin_cache(int(seq_len))
        return self.cos_cached[:seq_len], self.sin_cached[:seq_len]


class LlamaAttention(nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(hidden, hidden, bias=False) for _ in range(3))
        self.rotary_emb = LlamaRotaryEmbedding(hidden)

    def forward(self, hidden_states):
        q, k, v = self.q_proj(hidden_states), self.k_proj(hidden_states), self.v_proj(hidden_states)
        cos, sin = self.rotary_emb(hidden_states.shape[1])
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        att = (q @ k.mT) / 8**0.5
        causal = torch.ones_like(att[0]).triu(1).bool()
        return att.masked_fill(causal, -1e9).softmax(-1) @ v


def build():
    torch.manual_seed(0)
    return LlamaAttention().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(1, 7, 8),)
