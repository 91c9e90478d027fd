"""Models that mix several of the difficulties."""

import torch
import torch.nn as nn
from common import R, sample


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 4,))
class Film(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.GELU()) for _ in range(3)])
        self.gates = nn.Parameter(torch.tensor([0.2, -0.3, 0.4]))
        self.thresholds = (0.1, 0.5, 1.0)

    def should_skip(self, i, x):
        g = torch.sigmoid(self.gates[i] * x.abs().mean())
        return bool(g > self.thresholds[i] and i != 0)

    def run(self, x, trace=None):
        trace = trace or []
        for i, s in enumerate(self.stages):
            if self.should_skip(i, x):
                trace.append(i)
                continue
            x = s(x)
        return x, trace

    def forward(self, x):
        y, skipped = self.run(x)
        return y, torch.tensor(skipped, dtype=torch.long), len(skipped)


@sample(lambda: (torch.randint(0, 20, (2, 6)),), lambda: (torch.full((2, 6), 3),))
class Vocab(nn.Module):
    SPECIAL = {"pad": 0, "eos": 3}

    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(20, 4)
        self.inv = {v: k for k, v in self.SPECIAL.items()}

    def forward(self, ids):
        res = []
        for row in ids:
            toks = []
            for t in row.tolist():
                name = self.inv.get(t)
                if name == "eos":
                    break
                if name == "pad":
                    continue
                toks.append(t)
            res.append(self.e(torch.tensor(toks)).mean(0) if toks else torch.zeros(4))
        return torch.stack(res)


@sample(lambda: (R(4, 4),), lambda: (R(4, 4) + 2,))
class Statics(nn.Module):
    @staticmethod
    def norm(x, p="l2"):
        return x / (x.norm() if p == "l2" else x.abs().sum())

    @classmethod
    def make(cls, x):
        return cls.norm(x, p="l1")

    def forward(self, x):
        y = self.norm(x) if x.trace() > 0 else self.make(x)
        for k in range(3):
            if y[k, k] > 0.2:
                return y * k
        return y


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 3,), lambda: (R(5, 4),))
class Enumer(nn.Module):
    def forward(self, x):
        best, arg = -float("inf"), -1
        for i, (row, nxt) in enumerate(zip(x[:-1], x[1:])):
            s = torch.dot(row, nxt).item()
            if s > best:
                best, arg = s, i
        return x[arg] * best, arg


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 0,))
class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self._w = None
        self.n = nn.Linear(4, 4)

    @property
    def w(self):
        if self._w is None:
            self._w = torch.linspace(0, 1, 4)
        return self._w

    def forward(self, x):
        return self.n(x) * self.w if bool(x.any()) else self.w.expand_as(x)


@sample(lambda: (R(2, 5),), lambda: (R(3, 5) * 2,))
class Reduce(nn.Module):
    def forward(self, x):
        d = {}
        for i in range(x.size(0)):
            k = "pos" if x[i].sum() > 0 else "neg"
            d.setdefault(k, []).append(x[i])
        keys = sorted(d.keys())
        return torch.cat([torch.stack(d[k]).mean(0) for k in keys]), len(keys)


@sample(lambda: (R(2, 5),), lambda: (R(2, 5) * 3,))
class Raise(nn.Module):
    def check(self, x):
        if x.abs().max() > 4:
            raise ValueError(f"too large: {x.abs().max().item():.2f}")
        return x

    def forward(self, x):
        try:
            return self.check(x)
        except ValueError:
            return x.clamp(-4, 4)


@sample(lambda: (R(2, 5),), lambda: (R(2, 5) * 3,))
class Raise2(nn.Module):
    def forward(self, x):
        try:
            if x.abs().max() > 2:
                raise ValueError("big")
            y = x * 2
        except (ValueError, TypeError) as e:
            y = x.clamp(-2, 2)
        finally:
            n = 1
        return y + n


@sample(lambda: (R(2, 3, 4),), lambda: (R(2, 3, 4),), lambda: (R(1, 3, 4) * 2,))
class DropPath(nn.Module):
    def __init__(self, p=0.2):
        super().__init__()
        self.p = p
        self.ls = torch.nn.Parameter(torch.ones(4) * 0.1)

    def forward(self, x):
        if self.p > 0.0 and self.training:
            mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(1 - self.p)
            x = x / (1 - self.p) * mask
        r = x if x.shape[0] > 1 else x * 2
        return r * self.ls + x.new_tensor(x.shape[1:]).sum()


@sample(lambda: (R(1, 2, 6, 6),), lambda: (R(1, 2, 9, 6),))
class Tiles(nn.Module):
    def __init__(self):
        super().__init__()
        self.t = 4
        self.c = nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, x):
        b, c, h, w = x.shape
        out = x.new_zeros(b, c, h, w)
        for y0 in range(0, h, self.t):
            for x0 in range(0, w, self.t):
                y1, x1 = min(y0 + self.t, h), min(x0 + self.t, w)
                out[:, :, y0:y1, x0:x1] = self.c(x[:, :, y0:y1, x0:x1])
        return out


@sample(lambda: (R(6, 4), R(6).abs()), lambda: (R(6, 4), R(6).abs() * 3))
class Det(nn.Module):
    def __init__(self):
        super().__init__()
        self.iou = 0.3
        self.topk = 3

    def area(self, b):
        return (b[:, 2] - b[:, 0]).clamp(min=0) * (b[:, 3] - b[:, 1]).clamp(min=0)

    def forward(self, boxes, scores):
        boxes = torch.stack(
            [
                torch.minimum(boxes[:, 0], boxes[:, 2]),
                torch.minimum(boxes[:, 1], boxes[:, 3]),
                torch.maximum(boxes[:, 0], boxes[:, 2]),
                torch.maximum(boxes[:, 1], boxes[:, 3]),
            ],
            1,
        )
        keep = []
        idx = scores.argsort(descending=True)
        while idx.numel() > 0 and len(keep) < self.topk:
            i = idx[0]
            keep.append(i)
            rest = idx[1:]
            lt = torch.max(boxes[i, :2], boxes[rest, :2])
            rb = torch.min(boxes[i, 2:], boxes[rest, 2:])
            wh = (rb - lt).clamp(min=0)
            inter = wh[:, 0] * wh[:, 1]
            iou = inter / (self.area(boxes[i : i + 1]) + self.area(boxes[rest]) - inter + 1e-6)
            idx = rest[iou <= self.iou]
        keep = torch.stack(keep) if keep else torch.empty(0, dtype=torch.long)
        return {"boxes": boxes[keep], "scores": scores[keep], "count": keep.numel()}


@sample(lambda: (R(2, 4),), lambda: (R(2, 4),), calls=4)
class Momentum(nn.Module):
    def __init__(self):
        super().__init__()
        self.state = {"mean": torch.zeros(4), "n": 0}
        self.trace = ()

    def forward(self, x):
        self.state["n"] += 1
        self.state["mean"] = self.state["mean"] * 0.9 + x.mean(0) * 0.1
        return x - self.state["mean"]


@sample(lambda: (R(2, 4),), lambda: (R(2, 4),), calls=3)
class Swap(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)
        self.b = nn.Linear(4, 4)
        self.which = 0

    def forward(self, x):
        layer = [self.a, self.b][self.which]
        self.which = 1 - self.which
        return layer(x)


@sample(lambda: (R(4), torch.tensor(1)), lambda: (R(4), torch.tensor(0)), lambda: (R(4), torch.tensor(-1)))
class ByIndex(nn.Module):
    def __init__(self):
        super().__init__()
        self.fs = nn.ModuleList([nn.Linear(4, 4), nn.Identity(), nn.Tanh()])
        self.gain = [1.0, 2.0, 3.0]

    def forward(self, x, i):
        return self.fs[i](x) * self.gain[i] + float(self.gain[int(i) - 1])


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 2,))
class Slots(nn.Module):
    def __init__(self):
        super().__init__()
        self.q = nn.Linear(4, 4)

    def forward(self, x):
        steps = [(1, "a", None), (2, "b", 0.5)]
        for n, tag, w in steps:
            for _ in range(n):
                x = self.q(x)
                if w is not None and x.mean() > 0:
                    x = x * w
                elif tag == "a":
                    x = x + 1
        return x

    def forward(self, x):
        if x.sum() > 0:
            return x
        return (x, x.shape[0])


@sample(lambda: (R(3),), lambda: (-R(3).abs(),))
class MixedDict(nn.Module):
    def forward(self, x):
        d = {"a": x, "n": x.numel()}
        if x.sum() > 0:
            d["extra"] = [x, x]
        return d


@sample(lambda: (R(3),), lambda: (-R(3).abs(),))
class DictOrList(nn.Module):
    def forward(self, x):
        out = {"h": [x]}
        if x.sum() > 0:
            return out
        return [x, x * 2]
