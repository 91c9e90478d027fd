"""Models that decide by values: branches, loops, searches."""

import torch
import torch.nn as nn

from common import R, sample


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 0,))
class TryDiv(nn.Module):
    def forward(self, x):
        n = int((x > 0).sum())
        try:
            r = 1 / n
        except ZeroDivisionError:
            r = 0.0
        return x * r


@sample(lambda: (R(3, 3),), lambda: (torch.zeros(3, 3),))
class TryChol(nn.Module):
    def forward(self, x):
        a = x @ x.t()
        try:
            l = torch.linalg.cholesky(a)
        except RuntimeError:
            l = torch.linalg.cholesky(a + 1e-3 * torch.eye(3))
        return l.sum()


@sample(lambda: (R(5, 4), R(5)), lambda: (R(5, 4) * 0, R(5)))
class Nms(nn.Module):
    def forward(self, boxes, scores):
        order = scores.argsort(descending=True)
        keep = []
        while order.numel() > 0:
            i = order[0].item()
            keep.append(i)
            if order.numel() == 1:
                break
            d = (boxes[order[1:]] - boxes[i]).abs().sum(-1)
            order = order[1:][d > 2.0]
        return torch.tensor(keep, dtype=torch.long)


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 4,))
class Cond(nn.Module):
    def forward(self, x):
        s = x.std()
        r = x
        if s > 2:
            scale, bias = "big", 1
        elif s > 0.5:
            scale, bias = "mid", 2.5
        else:
            scale, bias = "small", 0
        if scale != "small":
            r = r / s
        return r + bias


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) - 2,), lambda: (R(1, 4),))
class Walrus(nn.Module):
    def forward(self, x):
        if (n := int((x > 0).sum())) > 4:
            return x * n
        vals = [v for row in x if (v := row.sum().item()) > 0]
        return x.sum() + sum(vals) + len(vals)


@sample(lambda: (R(2, 6),), lambda: (R(2, 6) * 3,))
class WhileHalving(nn.Module):
    def __init__(self):
        super().__init__()
        self.tol = 0.1
        self.max_iter = 20

    def forward(self, x):
        it = 0
        lo, hi = torch.zeros(x.shape[0]), x.abs().amax(-1)
        while it < self.max_iter and bool((hi - lo).max() > self.tol):
            mid = (lo + hi) / 2
            c = (x.abs() > mid.unsqueeze(-1)).float().mean(-1)
            lo = torch.where(c > 0.5, mid, lo)
            hi = torch.where(c > 0.5, hi, mid)
            it += 1
        return lo, it


@sample(lambda: (R(4, 4),), lambda: (R(4, 4) * 3,))
class Match(nn.Module):
    def forward(self, x):
        k = int(x.sum().abs()) % 4
        match k:
            case 0:
                y = x
            case 1 | 2:
                y = x * k
            case n if n > 2:
                y = x - n
            case _:
                y = -x
        return y


@sample(lambda: (R(8, 3),), lambda: (R(3, 3),), lambda: (R(8, 3) * 0,))
class Kmeans(nn.Module):
    def __init__(self):
        super().__init__()
        self.k = 3

    def forward(self, pts):
        c = pts[: self.k].clone()
        for _ in range(4):
            a = torch.cdist(pts, c).argmin(1)
            new = []
            for j in range(self.k):
                sel = pts[a == j]
                new.append(sel.mean(0) if len(sel) else c[j])
            new = torch.stack(new)
            if torch.allclose(new, c, atol=1e-4):
                break
            c = new
        return c


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 5,))
class Adaptive(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(4, 4)
        self.halt = nn.Linear(4, 1)
        self.max_steps = 6
        self.eps = 0.01

    def forward(self, x):
        h = torch.zeros_like(x)
        acc = torch.zeros(x.size(0))
        out = torch.zeros_like(x)
        steps = 0
        while steps < self.max_steps and not (acc >= 1 - self.eps).all():
            h = self.cell(x, h)
            p = torch.sigmoid(self.halt(h)).squeeze(-1)
            still = acc < 1 - self.eps
            last = (acc + p >= 1 - self.eps) & still
            p = torch.where(last, 1 - acc, p) * still
            acc = acc + p
            out = out + p.unsqueeze(-1) * h
            steps += 1
        return out, torch.tensor(float(steps))


@sample(lambda: (torch.tensor([[3, 1, 2]]),), lambda: (torch.tensor([[3, 7, 2, 7]]),))
class Beam(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(8, 6)
        self.out = nn.Linear(6, 8)
        self.eos = 7
        self.maxlen = 6

    def forward(self, ids):
        seq = ids[0].tolist()
        score = 0.0
        while len(seq) < self.maxlen:
            logits = self.out(self.emb(torch.tensor(seq)).mean(0))
            lp = logits.log_softmax(-1)
            nxt = int(lp.argmax())
            score += lp[nxt].item()
            seq.append(nxt)
            if nxt == self.eos or seq.count(nxt) > 2:
                break
        return torch.tensor(seq), score


@sample(lambda: (R(2, 3), R(2, 3)), lambda: (R(2, 3), R(2, 3) * 5), lambda: (R(2, 3) * 5, R(2, 3)))
class NestedIf(nn.Module):
    def forward(self, a, b):
        if a.mean() > b.mean():
            if a.max() > 2:
                r = a * 2
            elif b.min() < -2:
                r = b * 2
            else:
                r = a + b
            t = 1
        else:
            r = a - b
            t = 0
            if (a * b).sum() > 1:
                t = 2
                r = r * t
        return r, t


@sample(lambda: (R(4, 6),), lambda: (R(4, 6) * 0.1,))
class Topk(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Linear(6, 5)

    def forward(self, x):
        p = self.w(x).softmax(-1)
        out = []
        for row in p:
            s, i = row.sort(descending=True)
            c = s.cumsum(0)
            k = int((c < 0.8).sum()) + 1
            keep = i[:k]
            mask = torch.zeros_like(row)
            mask[keep] = 1
            out.append(row * mask / (row * mask).sum())
        return torch.stack(out)


@sample(lambda: (R(5),), lambda: (R(5),), lambda: (torch.tensor([1.0, float("nan"), 2.0, 3.0, 4.0]),))
class Nanfix(nn.Module):
    def forward(self, x):
        if torch.isnan(x).any():
            ok = ~torch.isnan(x)
            fill = x[ok].mean() if ok.any() else torch.tensor(0.0)
            x = torch.where(ok, x, fill)
        assert not x.isnan().any(), "still nan"
        parts = torch.split(x, [2, x.numel() - 2])
        return torch.cat([p.flip(0) for p in parts if p.sum() != 0])


@sample(lambda: (R(4, 4),), lambda: (R(4, 4) * 2,), lambda: (R(3, 3),))
class Power(nn.Module):
    def forward(self, a):
        v = torch.ones(a.size(0))
        v = v / v.norm()
        lam = torch.tensor(0.0)
        prev = None
        n = 0
        for n in range(50):
            w = a @ v
            nl = w.norm()
            if nl == 0:
                return v, n
            v = w / nl
            lam = v @ a @ v
            if prev is not None and abs(lam - prev) < 1e-3:
                break
            prev = lam
        else:
            lam = lam * 0
        return (
            v,
            lam,
        )
