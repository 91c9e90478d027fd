"""Bidirectional LSTM over packed sequences of at most six steps, with attention over the unpacked states."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

INPUTS = ["chars=i64[B:1..4,6]{0..15}", "lengths=i64[B]{1..6}"]


class LayerNormLSTM(nn.Module):
    def __init__(self, idim, hidden, layers=1, bidirectional=True, dropout=0.2):
        super().__init__()
        self.lstm = nn.LSTM(
            idim, hidden, layers, batch_first=True, bidirectional=bidirectional,
            dropout=dropout if layers > 1 else 0.0,
        )
        self.norm = nn.LayerNorm(hidden * (2 if bidirectional else 1))

    def forward(self, x, lengths):
        total_length = 6
        if not isinstance(lengths, torch.Tensor):
            lengths = torch.as_tensor(lengths)
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        self.lstm.flatten_parameters()
        out, (h, _) = self.lstm(packed)
        out, out_lens = pad_packed_sequence(out, batch_first=True, total_length=total_length)
        return self.norm(out), h, out_lens


class AdditiveAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.w = nn.Linear(dim, dim)
        self.v = nn.Linear(dim, 1, bias=False)
        self.mask_value = -1e9

    def forward(self, memory, mask):
        e = self.v(torch.tanh(self.w(memory))).squeeze(-1)
        e = e.masked_fill(~mask, self.mask_value)
        a = torch.softmax(e, dim=-1)
        return torch.bmm(a.unsqueeze(1), memory).squeeze(1), a


class WordEncoder(nn.Module):
    def __init__(self, vocab=16, dim=6, hidden=5):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim, padding_idx=0)
        self.enc = LayerNormLSTM(dim, hidden)
        self.att = AdditiveAttention(2 * hidden)

    def forward(self, chars, lengths):
        if lengths.max() > chars.size(1) or lengths.min() < 1:
            raise ValueError("lengths do not fit the padded batch")
        memory, h, out_lens = self.enc(self.embed(chars), lengths)
        mask = torch.arange(chars.size(1), device=chars.device)[None, :] < out_lens[:, None]
        summary, a = self.att(memory, mask)
        last = h.transpose(0, 1).flatten(1)
        return torch.cat([summary, last], dim=-1), a


def build():
    torch.manual_seed(0)
    return WordEncoder().eval()


def example_inputs():
    return torch.tensor([[3, 4, 5, 6, 7, 0], [1, 2, 3, 0, 0, 0], [9, 8, 7, 6, 5, 4]]), torch.tensor([5, 3, 6])
