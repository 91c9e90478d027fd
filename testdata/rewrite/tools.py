"""Models that use Python's own tools: sorting by key, itertools, counters, quantifiers, texts."""

import collections
import functools
import itertools
import logging
import math
import operator
import warnings
from typing import Dict
import torch
import torch.nn as nn
import torch.nn.functional as F
from common import R, sample


@sample(lambda: (R(6),), lambda: (R(6) * 0,), lambda: (torch.arange(6.0),))
class Stats(nn.Module):
    def forward(self, x):
        vals = x.tolist()
        mean = sum(vals) / len(vals)
        var = sum(((v - mean) ** 2 for v in vals)) / max(len(vals) - 1, 1)
        std = math.sqrt(var)
        if std == 0:
            return torch.zeros_like(x)
        zs = [(v - mean) / std for v in vals]
        best = max(range(len(zs)), key=lambda i: zs[i])
        return (torch.tensor(zs) * best, min(zs), max(zs))


@sample(lambda: (R(4, 5),), lambda: (R(4, 5).abs(),), lambda: (-R(2, 5).abs(),))
class ListOfRows(nn.Module):
    def forward(self, x):
        rows = [row for row in x if row.max() > 0.5]
        if not rows:
            return x.new_zeros(x.shape[1])
        longest = max(rows, key=lambda r: float(r.sum()))
        return torch.stack(rows).mean(0) + longest


@sample(lambda: (torch.tensor([4, 2, 9, 1]),), lambda: (torch.tensor([1, 1, 1]),))
class SortPy(nn.Module):
    def forward(self, x):
        xs = sorted(x.tolist(), reverse=True)
        uniq = list(dict.fromkeys(xs))
        pairs = [(a, b) for a, b in zip(xs, xs[1:])]
        gaps = [a - b for a, b in pairs if a != b]
        return (torch.tensor(xs), torch.tensor(uniq), sum(gaps), bool(gaps))


@sample(lambda: (R(5),), lambda: (R(5) * 3,))
class Itertools(nn.Module):
    def forward(self, x):
        acc = torch.zeros(())
        for i, j in itertools.combinations(range(x.shape[0]), 2):
            if x[i] < x[j]:
                acc = acc + (x[j] - x[i])
        first = next((i for i, v in enumerate(x) if v > 0), -1)
        return (acc, first)


@sample(lambda: (R(2, 3, 4),), lambda: (R(5, 3, 4),))
class ZipStar(nn.Module):
    def forward(self, x):
        pairs = [(r.sum(), r.mean()) for r in x]
        sums, means = zip(*pairs)
        return torch.stack(sums) + torch.stack(list(means))


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 3,))
class DefaultDict(nn.Module):
    def forward(self, x):
        groups = collections.defaultdict(list)
        for i, row in enumerate(x):
            groups["pos" if row.sum() > 0 else "neg"].append(i)
        out = x.clone()
        for key, idx in groups.items():
            out[idx] = out[idx] * (2.0 if key == "pos" else -1.0)
        return (out, len(groups))


@sample(lambda: (torch.tensor([1, 2, 2, 3]),), lambda: (torch.tensor([4, 4, 4, 1]),))
class Counts(nn.Module):
    def forward(self, x):
        c = collections.Counter(x.tolist())
        best, n = c.most_common(1)[0]
        return (torch.tensor(best), n, len(c))


@sample(lambda: (R(6),), lambda: (R(6) * 0 - 1,))
class Comprehend(nn.Module):
    def forward(self, x):
        d = {i: float(v) for i, v in enumerate(x) if v > 0}
        tot = 0.0
        for k, v in sorted(d.items(), key=lambda kv: (-kv[1], kv[0])):
            tot = tot * 2 + k * v
        nested = [[a * b for b in range(2)] for a in range(int((x > 0).sum()))]
        return (tot, len(nested), any((v > 1 for v in d.values())))


@sample(lambda: (torch.randint(0, 9, (6,)),), lambda: (torch.tensor([1, 1, 1, 2, 2, 2]),))
class SeenSet(nn.Module):
    def forward(self, x):
        seen = set()
        dup = 0
        order = []
        for v in x.tolist():
            if v in seen:
                dup += 1
            else:
                seen.add(v)
                order.append(v)
        runs = [(k, len(list(g))) for k, g in itertools.groupby(x.tolist())]
        return (dup, len(seen), torch.tensor(order), len(runs), max((n for _, n in runs)))


@sample(lambda: (R(5),), lambda: (R(5) * 4,))
class Deque(nn.Module):
    def forward(self, x):
        q = collections.deque(maxlen=3)
        outs = []
        for v in x:
            q.append(v)
            if len(q) == 3 and q[0] < q[-1]:
                outs.append(sum(q) / len(q))
        q.rotate if False else None
        return torch.stack(outs) if outs else x.new_zeros(0)


@sample(lambda: (R(4),), lambda: (-R(4).abs(),), lambda: (R(4).abs(),))
class Any2(nn.Module):
    def forward(self, x):
        flags = [bool(v > 0) for v in x]
        if all(flags):
            return x * 2
        elif any(flags):
            return x[torch.tensor(flags)].sum() + x
        return -x


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 9,))
class MaxTensors(nn.Module):
    def forward(self, x):
        a, b, c = (x[0].sum(), x[1].sum(), x[2].sum())
        hi = max(a, b, c)
        lo = min(a, b)
        tot = sum([a, b, c])
        return (hi - lo + tot, max(a.item(), 0.5), abs(a), round(float(b), 2), divmod(int(c), 3))


def I(*a):
    return torch.tensor(a)


@sample(lambda: (I(3, 1, 2),), lambda: (I(1, 1),), lambda: (I(9),))
class DictOps(nn.Module):
    def forward(self, x):
        d: Dict[int, float] = {}
        for v in x.tolist():
            d[v] = d.get(v, 0.0) + v / 2
        first = next(iter(d))
        keys = list(d.keys())
        m = max(d, key=lambda k: d[k])
        popped = d.pop(first)
        d.setdefault(100, 1.5)
        d.update({100: 2.5, 7: 0.0})
        tot = sum(d.values())
        has = 9 in d
        pairs = [(k, v) for k, v in d.items() if v > 0]
        inv = {v: k for k, v in d.items()}
        return (first, keys, m, popped, tot, has, len(pairs), len(inv), sorted(d)[0])


@sample(lambda: (R(4, 4),), lambda: (R(4, 4) * 3,))
class ListOfDicts(nn.Module):
    def forward(self, x):
        items = []
        for i, row in enumerate(x):
            s = row.sum().item()
            if s > 0:
                items.append({"idx": float(i), "score": s})
        items = sorted(items, key=lambda d: d["score"], reverse=True)
        if not items:
            return (torch.zeros(1), 0)
        return (torch.tensor([d["score"] for d in items]), len(items))


@sample(lambda: (R(1, 2, 5, 5),), lambda: (R(1, 2, 5, 5) * 0,))
class Peaks(nn.Module):
    def forward(self, hm):
        out = []
        pooled = F.max_pool2d(hm, 3, 1, 1)
        for c in range(hm.shape[1]):
            ys, xs = torch.nonzero((hm[0, c] == pooled[0, c]) & (hm[0, c] > 0.5), as_tuple=True)
            pts = [(int(y), int(x), hm[0, c, y, x].item()) for y, x in zip(ys, xs)]
            pts.sort(key=lambda p: p[2], reverse=True)
            out.append(pts[:2])
        return torch.tensor([[len(p), p[0][0] if p else -1] for p in out])


@sample(
    lambda: (torch.tensor([3.14159]),),
    lambda: (torch.tensor([-0.5]),),
    lambda: (torch.tensor([1234.5678]),),
    lambda: (torch.tensor([100.0]),),
)
class Texts(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = {"3.14": 1.0, "-0.50": 2.0, "1234.57": 3.0, "100.00": 4.0}

    def forward(self, x):
        key = f"{x.item():.2f}"
        n = int(x.item())
        s = "abc" * max(min(n, 3), 0)
        t = f"n={n:03d}" if n >= 0 else "neg"
        parts = t.split("=")
        return (
            x * self.table[key],
            len(s),
            len(t),
            len(parts),
            s.count("a"),
            t.startswith("n"),
            t.upper() == "NEG",
            "-".join(["a", str(n)]) == "a-3",
        )


@sample(lambda: (R(2, 3),), lambda: (R(2, 3) * 6,))
class LogFmt(nn.Module):
    def __init__(self):
        super().__init__()
        self.bias = nn.ParameterDict({"lo": nn.Parameter(R(3)), "hi": nn.Parameter(R(3))})

    def forward(self, x):
        level = f"{('hi' if x.abs().max() > 3 else 'lo')}"
        print(f"level={level} mean={x.mean():.3f}")
        return x + self.bias[level]


logger = logging.getLogger(__name__)


def debug(fn):

    @functools.wraps(fn)
    def inner(self, x, *a, **k):
        if x.isnan().any():
            logger.warning("nan in %s", fn.__name__)
            x = torch.nan_to_num(x)
        return fn(self, x, *a, **k)

    return inner


REG = {}


def register(name):
    def deco(fn):
        REG[name] = fn
        return fn

    return deco


@register("double")
def _double(x):
    return x * 2


@register("square")
def _square(x):
    return x * x


@sample(lambda: (R(3),), lambda: (torch.tensor([float("nan"), 1.0, -2.0]),), lambda: (R(3) - 5,))
class Decorated(nn.Module):
    @debug
    def forward(self, x):
        if x.sum() < 0:
            warnings.warn("negative")
            return x.abs()
        return REG["double" if x[0] > 0 else "square"](x)


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 5,))
class Lambdas(nn.Module):
    def __init__(self):
        super().__init__()
        self.rules = [(lambda v: v > 3, lambda t: t / 3), (lambda v: v > 1, torch.tanh), (lambda v: True, lambda t: t)]

    def forward(self, x):
        v = x.abs().max()
        for cond, fn in self.rules:
            if cond(v):
                return fn(x)


@sample(lambda: (R(3), R(3)), lambda: (R(3), R(3) * 9))
class OperatorMod(nn.Module):
    def __init__(self):
        super().__init__()
        self.ops = {"add": operator.add, "mul": operator.mul, "sub": lambda a, b: a - b}
        self.order = ["add", "mul"]

    def forward(self, a, b):
        acc = a
        for name in self.order + (["sub"] if b.norm() > 5 else []):
            acc = self.ops[name](acc, b)
        return acc


def is_symbolic(x) -> bool:
    try:
        import torch.fx

        return isinstance(x, torch.fx.Proxy)
    except Exception:
        return False


@sample(lambda: (R(4),), lambda: (R(4) + 3,), lambda: (R(4) - 3,))
class AsksLibrary(nn.Module):
    """A question that has one answer while the model is rewritten, around which the author put a `try`."""

    def forward(self, x):
        if is_symbolic(x):
            return x
        try:
            scale = len("abc") + math.gcd(4, 6)
        except ValueError:
            scale = 1
        return x * scale if x.sum() > 1 else x
