"""Length-masked pooling in the ESPnet manner: make_pad_mask accepts lists, tensors and a reference tensor."""

import torch

INPUTS = ["feats=f32[B:1..4,T:1..16,6]{-50..50}", "feats_lengths=i64[B]{1..16}"]


def make_pad_mask(lengths, xs=None, length_dim=-1, maxlen=None):
    if length_dim == 0:
        raise ValueError("length_dim cannot be 0: {}".format(length_dim))
    if not isinstance(lengths, list):
        lengths = lengths.long()
    else:
        lengths = torch.tensor(lengths, dtype=torch.long)
    bs = lengths.size(0)
    if maxlen is None:
        assert xs is not None
        maxlen = xs.size(length_dim)
    else:
        assert xs is None
    seq_range = torch.arange(0, maxlen, dtype=torch.int64, device=lengths.device)
    seq_range_expand = seq_range.unsqueeze(0).expand(bs, maxlen)
    mask = seq_range_expand >= lengths.unsqueeze(-1)
    if xs is not None:
        assert xs.size(0) == bs, (xs.size(0), bs)
        if length_dim < 0:
            length_dim = xs.dim() + length_dim
        ind = tuple(slice(None) if i in (0, length_dim) else None for i in range(xs.dim()))
        mask = mask[ind].expand_as(xs).to(xs.device)
    return mask


def make_non_pad_mask(*args, **kwargs):
    return ~make_pad_mask(*args, **kwargs)


class StatsPooling(torch.nn.Module):
    """Mean and standard deviation over the valid frames."""

    def __init__(self, idim, odim, use_bessel=False, eps=1e-4):
        super().__init__()
        self.proj = torch.nn.Linear(2 * idim, odim)
        self.use_bessel = use_bessel
        self.eps = eps

    def forward(self, feats, feats_lengths):
        mask = make_non_pad_mask(feats_lengths, feats, 1)
        n = mask.sum(dim=1)
        if (n == 0).any():  # cannot be: lengths start at one
            raise RuntimeError("utterance without frames")
        if self.use_bessel:
            n = (n - 1).clamp(min=1)
        x = feats.masked_fill(~mask, 0.0)
        mean = x.sum(1) / n
        var = ((x - mean.unsqueeze(1)) ** 2 * mask).sum(1) / n
        return self.proj(torch.cat([mean, torch.sqrt(var + self.eps)], dim=-1))


def build():
    torch.manual_seed(0)
    return StatsPooling(6, 4).eval()


def example_inputs():
    return torch.arange(60.0).view(2, 5, 6).remainder(7), torch.tensor([5, 3])
