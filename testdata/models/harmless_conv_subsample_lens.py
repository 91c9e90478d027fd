"""Conformer input layer: two strided convolutions, output lengths and positional encoding."""

import math

import torch

INPUTS = ["xs=f32[B:1..3,T:7..30,16]{-5..5}", "x_len=i64[B]{7..30}"]


class TooShortUttError(Exception):
    def __init__(self, message, actual_size, limit):
        super().__init__(message)
        self.actual_size, self.limit = actual_size, limit


def check_short_utt(ins, size):
    if isinstance(ins, Conv2dSubsampling) and size < 7:
        return True, 7
    return False, -1


class PositionalEncoding(torch.nn.Module):
    def __init__(self, d_model, max_len=64):
        super().__init__()
        self.d_model, self.xscale, self.pe = d_model, math.sqrt(d_model), None
        self.extend_pe(torch.tensor(0.0).expand(1, max_len))

    def extend_pe(self, x):
        if self.pe is not None:
            if self.pe.size(1) >= x.size(1):
                if self.pe.dtype != x.dtype or self.pe.device != x.device:
                    self.pe = self.pe.to(dtype=x.dtype, device=x.device)
                return
        pe = torch.zeros(x.size(1), self.d_model)
        position = torch.arange(0, x.size(1), dtype=torch.float32).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, self.d_model, 2).float() * -(math.log(10000.0) / self.d_model))
        pe[:, 0::2] = torch.sin(position * div_term)
        pe[:, 1::2] = torch.cos(position * div_term)
        self.pe = pe.unsqueeze(0).to(device=x.device, dtype=x.dtype)

    def forward(self, x):
        self.extend_pe(x)
        return x * self.xscale + self.pe[:, : x.size(1)]


class Conv2dSubsampling(torch.nn.Module):
    def __init__(self, idim, odim):
        super().__init__()
        self.conv = torch.nn.Sequential(
            torch.nn.Conv2d(1, odim, 3, 2), torch.nn.ReLU(), torch.nn.Conv2d(odim, odim, 3, 2), torch.nn.ReLU()
        )
        self.out = torch.nn.Linear(odim * (((idim - 1) // 2 - 1) // 2), odim)
        self.pos = PositionalEncoding(odim)

    def forward(self, xs, x_len):
        short, limit = check_short_utt(self, xs.size(1))
        if short:
            raise TooShortUttError(f"has {xs.size(1)} frames and is too short", xs.size(1), limit)
        x = self.conv(xs.unsqueeze(1))
        b, c, t, f = x.size()
        x = self.pos(self.out(x.transpose(1, 2).contiguous().view(b, t, c * f)))
        olens = ((torch.clamp(x_len, max=xs.size(1)) - 1) // 2 - 1) // 2
        assert int(olens.max()) <= t
        mask = torch.arange(t, device=x.device)[None] < olens[:, None]
        return x * mask.unsqueeze(-1), olens


def build():
    torch.manual_seed(0)
    return Conv2dSubsampling(16, 8).eval()


def example_inputs():
    return torch.sin(torch.arange(2 * 12 * 16.0)).view(2, 12, 16), torch.tensor([12, 9])
