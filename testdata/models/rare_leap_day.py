"""Store sales regressor with calendar features; 29 February gets its own correction because the targets are rescaled."""

import torch
import torch.nn as nn

INPUTS = ["sales=f32[1,14]", "year=i64[1]{1990..2049}", "month=i64[1]{1..12}", "day=i64[1]{1..31}"]


class CFG:
    hid = 12
    emb = 4
    lags = 14


def cyc(v, period):
    a = v.float() * (2 * torch.pi / period)
    return torch.stack([a.sin(), a.cos()], dim=-1)


class SalesNet(nn.Module):
    def __init__(self, cfg=CFG):
        super().__init__()
        self.month_emb = nn.Embedding(13, cfg.emb)
        self.fc1 = nn.Linear(cfg.lags + cfg.emb + 4 + 1, cfg.hid)
        self.fc2 = nn.Linear(cfg.hid, 1)
        self.leap_bias = nn.Parameter(torch.tensor(1.75))

    def feats(self, sales, year, month, day):
        trend = (year.float()[:, None] - 2010.0) / 20.0
        return torch.cat([sales, self.month_emb(month), cyc(month, 12), cyc(day, 31), trend], dim=1)

    def forward(self, sales, year, month, day):
        z = torch.relu(self.fc1(self.feats(sales, year, month, day)))
        y = self.fc2(z)
        if (month == 2) & (day == 29):  # diverges
            y = y * (366.0 / 365.0) + self.leap_bias
        return y


def build():
    torch.manual_seed(0)
    return SalesNet().eval()


def example_inputs():
    return torch.linspace(0, 2, 14)[None], torch.tensor([2023]), torch.tensor([6]), torch.tensor([17])
