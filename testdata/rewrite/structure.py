"""Models whose sizes, types and structures depend on the input."""

import dataclasses
import math
from collections import namedtuple
from typing import Optional

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from common import R, sample


@sample(lambda: ({"a": R(2, 4), "b": R(2, 4)},), lambda: ({"a": R(3, 4)},))
class DictIn(nn.Module):
    def forward(self, batch):
        x = batch["a"]
        for k in ("b", "c"):
            if k in batch:
                x = x + batch[k]
        return {"out": x, "n": len(batch)}


@sample(lambda: (R(2, 8),), lambda: (R(2, 5),), lambda: (R(2, 3),))
class PadTo(nn.Module):
    def forward(self, x, multiple=4):
        *lead, n = x.shape
        pad = (-n) % multiple
        if pad:
            x = F.pad(x, (0, pad))
        return x.reshape(*lead, -1, multiple).mean(-1), pad


@sample(lambda: (R(4),), lambda: (R(7),))
class Recur(nn.Module):
    def forward(self, x):
        return self.go(x, 0)

    def go(self, x, depth):
        if x.numel() <= 1 or depth >= 5:
            return x.sum()
        m = x.numel() // 2
        return self.go(x[:m], depth + 1) * 2 + self.go(x[m:], depth + 1)


@sample(lambda: (R(2, 4), 2), lambda: (R(2, 4), 0), lambda: (R(2, 4), 5))
class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(4, 4)

    def forward(self, x, n: int):
        hist = [x]
        while n > 0:
            x = torch.tanh(self.l(x))
            hist.append(x)
            n -= 1
        else:
            x = x + 1
        return x, torch.stack(hist)


@sample(lambda: (R(1, 3, 8, 8),), lambda: (R(1, 3, 7, 9),), lambda: (R(2, 3, 8, 8),))
class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.d = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.u = nn.ConvTranspose2d(4, 3, 2, stride=2)

    def forward(self, x):
        y = self.u(F.relu(self.d(x)))
        dh, dw = x.shape[-2] - y.shape[-2], x.shape[-1] - y.shape[-1]
        if dh != 0 or dw != 0:
            y = F.pad(y, [dw // 2, dw - dw // 2, dh // 2, dh - dh // 2])
        return torch.cat([x, y], 1)


@sample(lambda: (torch.tensor([1, 2, 3]),), lambda: (torch.tensor([3, 3, 1, 0]),))
class Uniq(nn.Module):
    def forward(self, ids):
        seen = []
        out = []
        for i in ids.tolist():
            if i in seen:
                continue
            seen.append(i)
            out.append(i * i)
        counts = {}
        for i in ids.tolist():
            counts[i] = counts.get(i, 0) + 1
        return torch.tensor(out), max(counts.values())


@sample(lambda: (R(2, 4), "relu"), lambda: (R(2, 4), "tanh"))
class StrArg(nn.Module):
    def forward(self, x, act: str):
        if act == "relu":
            return F.relu(x)
        if act in ("tanh", "sigmoid"):
            return getattr(torch, "tanh")(x)
        raise ValueError(f"unknown {act}")


@sample(lambda: (R(2, 4), R(2, 4)), lambda: (R(2, 4), R(3, 4)))
class ShapeEq(nn.Module):
    def forward(self, a, b):
        if a.shape != b.shape:
            b = b[: a.shape[0]]
        if a.ndim == 2 and a.size(0) % 2 == 0:
            a = a.view(2, -1, a.size(-1)).mean(0)
        return (a.unsqueeze(0) * b.unsqueeze(1)).sum()


Out = namedtuple("Out", "logits aux")


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 5,))
class NtOut(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(4, 2)

    def forward(self, x):
        lo = self.l(x)
        aux = None
        if lo.std() > 1:
            aux = lo.std()
        return Out(logits=lo, aux=aux)


@dataclasses.dataclass
class Res:
    y: Tensor
    extra: Optional[Tensor] = None
    n: int = 0


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) - 5,))
class DcOut(nn.Module):
    def step(self, r):
        if r.y.sum() > 0:
            return Res(r.y * 2, r.y, r.n + 1)
        return Res(r.y - 1, r.extra, r.n)

    def forward(self, x):
        r = Res(x)
        for _ in range(2):
            r = self.step(r)
        return r


@sample(lambda: ([R(2), R(3)],), lambda: ([R(2), R(3), R(4)],))
class ListIn(nn.Module):
    def forward(self, xs):
        n = max(t.shape[0] for t in xs)
        out = xs[0].new_zeros(len(xs), n)
        for i, t in enumerate(xs):
            out[i, : t.shape[0]] = t
        m = [len(t) for t in xs if len(t) > 2]
        return out, m


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) + 2,), kwargs={"temperature": 0.5})
class Kw(nn.Module):
    def forward(self, x, *, temperature=1.0, mask=None):
        x = x / temperature
        if mask is not None:
            x = x.masked_fill(mask, 0)
        return x if x.mean() < 1 else x.log_softmax(-1)


@sample(lambda: (R(2, 4),), lambda: (R(7, 4),))
class Bucket(nn.Module):
    BUCKETS = (2, 4, 8)

    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleDict({str(b): nn.Linear(4, b) for b in self.BUCKETS})

    def bucket(self, n):
        for b in self.BUCKETS:
            if n <= b:
                return b
        return self.BUCKETS[-1]

    def forward(self, x):
        b = self.bucket(x.size(0))
        return self.heads[str(b)](x).sum(-1)


@sample(lambda: (R(2, 4), None), lambda: (R(2, 4), R(2, 4)))
class OptIn(nn.Module):
    def forward(self, x, mask: Optional[Tensor] = None):
        if mask is None:
            mask = torch.zeros_like(x)
        return x + mask if mask.sum() >= 0 else x - mask


@sample(lambda: (R(2, 4),), lambda: (R(3, 4, 4),))
class Rank(nn.Module):
    def forward(self, x):
        squeeze = False
        if x.dim() == 2:
            x = x[None]
            squeeze = True
        assert x.dim() == 3, f"bad rank {x.dim()}"
        y = x @ x.transpose(-1, -2)
        return y.squeeze(0) if squeeze else y


@sample(lambda: (R(2, 4),), lambda: (R(2, 4).double(),), lambda: (R(2, 4).half(),))
class Dt(nn.Module):
    def forward(self, x):
        orig = x.dtype
        if orig in (torch.float16, torch.bfloat16):
            x = x.float()
        eps = torch.finfo(orig).eps
        y = (x / (x.norm() + eps)).to(orig)
        return y if orig is not torch.float64 else y * 2


@sample(lambda: ([(R(2), R(2)), (R(2), R(2))],), lambda: ([(R(2), R(2))] * 3,))
class Pairs(nn.Module):
    def forward(self, pairs):
        tot = 0.0
        for a, b in pairs:
            tot = tot + (a * b).sum() if (a > b).any() else tot - a.sum()
        return tot, [a for a, _ in pairs]


@sample(lambda: (R(3, 4), torch.tensor([0, 2, 1])), lambda: (R(3, 4), torch.tensor([1, 1, 1])))
class Groups(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.ParameterDict({"w0": nn.Parameter(R(4)), "w1": nn.Parameter(R(4)), "w2": nn.Parameter(R(4))})
        self.eps = 1e-3

    def forward(self, x, g):
        out = []
        for row, k in zip(x, g):
            w = self.p[f"w{k.item()}"]
            out.append(row * w if abs(float(row.sum())) > self.eps else row)
        return torch.stack(out, dim=0)


@sample(lambda: (R(3, 4),), lambda: (R(3, 4).abs(),))
class MinMax(nn.Module):
    def forward(self, x):
        lo, hi = min(x[0].min(), x[1].min()), max([r.max() for r in x])
        span = hi - lo if hi > lo else 1.0
        d, m = divmod(x.numel(), 5)
        return (x - lo) / span, d, m, round(float(hi), 2) > 0


@sample(lambda: (R(4),), lambda: (R(4) * 3,))
class Np(nn.Module):
    def forward(self, x):
        a = x.detach().cpu().numpy()
        thr = np.percentile(a, 50)
        top = np.sort(a)[::-1].copy()
        w = np.where(a > thr, a, 0.0).astype(np.float32)
        n = int(np.count_nonzero(w))
        return torch.from_numpy(w) * n + float(np.abs(a).max()) + torch.from_numpy(top)


@sample(lambda: (R(2, 6),), lambda: (R(3, 9) * 3,), lambda: (R(1, 1),))
class NpMade(nn.Module):
    def forward(self, x):
        steps = x.shape[1]
        low, high = np.percentile(x.numpy(), (5, 95))
        far = np.abs(np.arange(steps)[None, :] - np.arange(steps)[:, None])
        near = np.where(far < 2, far, np.minimum(far, 3)) + np.eye(steps, dtype=np.int64)
        ramp = np.linspace(0.0, 1.0, steps) + np.zeros(steps) + np.full((x.shape[0], steps), 2.0) + np.ones((1, steps))
        return x.clamp(float(low), float(high)) @ torch.from_numpy(near).float(), torch.from_numpy(ramp)


@sample(lambda: (R(2, 4, 8, 8),), lambda: (R(1, 4, 5, 7),))
class Multi(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.ModuleList([nn.Conv2d(4, 4, k, padding=k // 2) for k in (1, 3, 5)])
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        h, w = x.shape[2:]
        feats = [c(x) for c in self.c if c.kernel_size[0] <= min(h, w) // 2 + 1]
        if h % 2:
            feats = feats[:-1]
        y = sum(feats) / len(feats)
        if min(h, w) < 8:
            y = F.interpolate(y, size=(8, 8), mode="nearest")
        g = {f"s{i}": self.pool(f).flatten(1) for i, f in enumerate(feats)}
        return y, g


@sample(lambda: (R(2, 6),), lambda: (R(3, 6),), lambda: (R(2, 7),))
class View(nn.Module):
    def forward(self, x):
        try:
            y = x.view(x.size(0), 2, 3)
        except RuntimeError:
            y = x[:, :6].reshape(-1, 2, 3)
        b, *rest = y.shape
        return y.permute(0, 2, 1).reshape(b, -1), math.prod(rest), tuple(y.shape)


@sample(lambda: (R(4), "sum"), lambda: (R(4), "mean"), lambda: (R(4), "none"))
class Reduction(nn.Module):
    def forward(self, x, reduction: str = "mean"):
        fns = {"sum": torch.sum, "mean": torch.mean}
        if reduction in fns:
            return fns[reduction](x)
        return x


@sample(lambda: (R(2, 4), R(3, 4)), lambda: (R(4, 4), R(3, 4)))
class Align(nn.Module):
    def forward(self, a, b):
        (na, d), (nb, _) = a.shape, b.shape
        cost = torch.zeros(na + 1, nb + 1)
        for i in range(1, na + 1):
            for j in range(1, nb + 1):
                c = (a[i - 1] - b[j - 1]).abs().sum()
                cost[i, j] = c + torch.stack([cost[i - 1, j], cost[i, j - 1], cost[i - 1, j - 1]]).min()
        i, j = na, nb
        path = []
        while i > 0 and j > 0:
            path.append((i, j))
            k = int(torch.stack([cost[i - 1, j - 1], cost[i - 1, j], cost[i, j - 1]]).argmin())
            if k == 0:
                i, j = i - 1, j - 1
            elif k == 1:
                i -= 1
            else:
                j -= 1
        return cost[na, nb], torch.tensor(path)
