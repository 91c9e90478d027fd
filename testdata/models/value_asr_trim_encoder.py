"""Conformer-like speech encoder front end: trims the padded batch to the longest utterance, subsamples and pools."""

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["feats=f32[B:1..4,12,8]", "feat_lens=i64[B]{1..12}"]


def make_pad_mask(lengths, maxlen):
    """(B,) -> (B, maxlen), True on padding."""
    seq = torch.arange(maxlen, device=lengths.device)
    return seq.unsqueeze(0) >= lengths.unsqueeze(1)


class ConvModule(nn.Module):
    def __init__(self, dim, kernel_size=3):
        super().__init__()
        self.pw1 = nn.Conv1d(dim, 2 * dim, 1)
        self.dw = nn.Conv1d(dim, dim, kernel_size, padding=(kernel_size - 1) // 2, groups=dim)
        self.pw2 = nn.Conv1d(dim, dim, 1)

    def forward(self, x):
        h = F.glu(self.pw1(x.transpose(1, 2)), dim=1)
        return self.pw2(F.silu(self.dw(h))).transpose(1, 2)


class SpeechEncoder(nn.Module):
    def __init__(self, idim=8, dim=10, num_blocks=2):
        super().__init__()
        self.embed = nn.Linear(idim, dim)
        self.blocks = nn.ModuleList(ConvModule(dim) for _ in range(num_blocks))
        self.after_norm = nn.LayerNorm(dim)

    def forward(self, feats, feat_lens):
        max_len = int(feat_lens.max())  # diverges
        xs = self.embed(feats[:, :max_len])
        masks = make_pad_mask(feat_lens, max_len)
        for block in self.blocks:
            xs = xs + block(xs.masked_fill(masks.unsqueeze(-1), 0.0))
        return self.after_norm(xs), (~masks).sum(1)


def build():
    torch.manual_seed(0)
    return SpeechEncoder().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(2, 12, 8), torch.tensor([9, 4]))
