"""Models put together from modules, functions, tables and decorators."""

import contextlib
import functools
from collections import OrderedDict

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from common import Block, Cfg, Mode, R, sample, timed


@sample(lambda: (R(2, 4),), lambda: (R(5, 4) * 5,))
class Deco(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(4, 4)

    @timed
    def forward(self, x):
        if x.mean() > 0:
            return self.l(x)
        return x


@sample(lambda: (R(2, 3, 4),), lambda: (R(2, 3, 4) * 10,))
class EarlyExit(nn.Module):
    def __init__(self):
        super().__init__()
        self.cfg = Cfg()
        self.blocks = nn.ModuleList([Block(self.cfg) for _ in range(3)])
        self.heads = nn.ModuleList([nn.Linear(4, 2) for _ in range(3)])

    def forward(self, x):
        outs = []
        for i, (b, h) in enumerate(zip(self.blocks, self.heads)):
            x = b(x, scale=0.5 * (i + 1))
            logit = h(x.mean(1))
            outs.append(logit)
            conf = logit.softmax(-1).max(-1).values
            if (conf > self.cfg.thr + 0.1).all():
                break
        return torch.stack(outs).mean(0), len(outs)


@sample(
    lambda: (torch.randint(0, 9, (2, 5)),), lambda: (torch.zeros(2, 5, dtype=torch.long),), lambda: (torch.randint(0, 9, (3, 7)),)
)
class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.cfg = Cfg()
        self.emb = nn.Embedding(10, 4, padding_idx=0)
        self.b = Block(self.cfg)

    def forward(self, ids):
        mask = ids.eq(0)
        if not mask.any():
            mask = None
        return self.b(self.emb(ids), mask)


@sample(lambda: (R(6, 4),), lambda: (R(6, 4) * 3 - 2,))
class MoE(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(4, 3)
        self.experts = nn.ModuleDict({f"e{i}": nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4)) for i in range(3)})

    def forward(self, x):
        w = self.gate(x).softmax(-1)
        top, idx = w.topk(2, dim=-1)
        out = torch.zeros_like(x)
        for k, (name, e) in enumerate(self.experts.items()):
            rows, which = torch.where(idx == k)
            if rows.numel() == 0:
                continue
            out[rows] += e(x[rows]) * top[rows, which].unsqueeze(-1)
        return out


@sample(lambda: (R(3, 4),), lambda: (-R(3, 4).abs(),))
class Strat(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = {"pos": lambda t: t * 2, "neg": lambda t: t - 1, "mix": self.mix}

    def mix(self, t):
        return t / 3

    def kind(self, t):
        if (t > 0).all():
            return "pos"
        elif (t < 0).all():
            return "neg"
        return "mix"

    def forward(self, x):
        return self.table[self.kind(x)](x)


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 9,))
class Prop(nn.Module):
    def __init__(self):
        super().__init__()
        self.scales = [1.0, 2.0, 4.0]
        self.names = ("a", "b", "c")
        self.w = nn.ParameterList([nn.Parameter(R(4)) for _ in range(3)])

    @property
    def total(self):
        return sum(self.scales)

    @staticmethod
    def clip(x, lo=-1.0, hi=1.0):
        return max(lo, min(hi, x))

    def forward(self, x):
        m = self.clip(x.mean().item())
        res = {n: x * s * w for n, s, w in zip(self.names, self.scales, self.w)}
        best = max(res, key=lambda k: res[k].sum())
        return res[best] * m / self.total


def pick(x, *fns, default=None):
    for f in fns:
        y = f(x)
        if y is not None:
            return y
    return default


@sample(lambda: (R(4),), lambda: (-R(4).abs(),))
class Pick(nn.Module):
    def forward(self, x):
        return pick(x, lambda t: t * 2 if t.sum() > 0 else None, lambda t: t * 3 if t.min() < -1 else None, default=x)


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) + 3,))
class Gen(nn.Module):
    def __init__(self):
        super().__init__()
        self.ls = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])

    def feats(self, x):
        for l in self.ls:
            x = l(x)
            if x.abs().max() > 0.5:
                yield x

    def forward(self, x):
        t = x
        for f in self.feats(x):
            t = t + f
        return t


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.routes = OrderedDict(small=self.small, big=self.big)

    def small(self, x):
        return x + 1

    def big(self, x):
        return x * 10

    def forward(self, x):
        key = "big" if x.norm() > 2 else "small"
        fn = self.routes.get(key, self.small)
        return fn(x)


@sample(lambda: (R(4) * 0.1,), lambda: (R(4) * 10,))
class Nested(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(OrderedDict(a=nn.Linear(4, 4), r=Router(), b=nn.Linear(4, 4)))

    def forward(self, x):
        def gate(t, k=2):
            nonlocal_scale = self.seq.a.weight.shape[0]
            return t / k if t.max() > t.mean() + 1 else t * nonlocal_scale

        return gate(self.seq(x))


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 5,))
class ActSel(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)
        self.b = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
        self.act = F.relu

    def forward(self, x):
        branch = self.a if x.abs().max() < 2 else self.b
        act = None
        if x.sum() > 0:
            act = self.act
        y = branch(x)
        if act is not None:
            y = act(y)
        return y


class LayerDrop(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(n)])
        self.skip = {1: True, 3: False}

    def forward(self, x, start=0):
        for i, l in enumerate(self.layers[start:], start):
            if self.skip.get(i, False) and x.norm() > 3:
                continue
            x = l(x)
        return x


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 5,))
class LD(nn.Module):
    def __init__(self):
        super().__init__()
        self.m = LayerDrop()

    def forward(self, x):
        y = self.m(x, start=1) if x.mean() > 0 else self.m(x)
        return {"y": y, "meta": {"norm": y.norm()}}


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 4,))
class EnumMode(nn.Module):
    def __init__(self, mode=Mode.B):
        super().__init__()
        self.mode = mode
        self.k = torch.tensor(3.0)
        self.np = np.float32(0.5)

    def forward(self, x):
        if self.mode is Mode.A:
            return x
        if self.mode == Mode.B and x.std() > self.k:
            return x * self.np
        return x / self.k


@sample(lambda: (R(5),), lambda: (R(5) * 3,))
class Partial(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = functools.partial(F.leaky_relu, negative_slope=0.2)
        self.fs = [F.relu, torch.tanh, self.f]
        self.w = (1, 2, 3)

    def forward(self, x):
        i = x.argmax().item() % len(self.fs)
        y = self.fs[i](x) * self.w[i]
        z = functools.reduce(lambda a, b: a + b, [f(x) for f in self.fs])
        return sorted([y.sum().item(), z.sum().item()])[0] + y


@contextlib.contextmanager
def scope(name):
    yield name


@sample(lambda: (R(4, 4),), lambda: (R(4, 4) * 3,))
class Misc(nn.Module):
    def __init__(self):
        super().__init__()
        self.cfg = dict(a=1, b=[2, 3], c=None)

    @torch.no_grad()
    def stats(self, x):
        return {"m": x.mean(), "s": x.std()}

    def forward(self, x):
        with scope("x"), torch.no_grad():
            st = self.stats(x)
        if st["s"] > 2 and not st["m"].isnan():
            x = (x - st["m"]) / st["s"]
        a, (b, c) = 1, self.cfg["b"]
        x = x * a + b - c if self.cfg.get("c") is None else x
        idx = [i for i in range(x.size(0)) if x[i].sum() > 0] or [0]
        return x[idx], len(idx)


@sample(lambda: (R(2, 3, 4),), lambda: (R(2, 3, 4) * 4,))
class Proto(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, dropout=0.0) for _ in range(2)])
        self.exit = nn.Linear(4, 1)

    def forward(self, x):
        depth = 0
        for layer in self.layers:
            x = layer(x)
            depth += 1
            if torch.sigmoid(self.exit(x)).mean() > 0.5:
                return x, depth
        return x, -1


class Base(nn.Module):
    def __init__(self, d=4):
        super().__init__()
        self.proj = nn.Linear(d, d)
        self._scale = None

    def forward(self, x):
        return self.post(self.proj(x))

    def post(self, x):
        raise NotImplementedError

    def extra(self, x, flag):
        return x if flag else -x


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 4,))
class Child(Base):
    def __init__(self):
        super().__init__()
        self.k = 2

    def forward(self, x):
        y = super().forward(x)
        return super().extra(y, flag=bool(y.mean() > 0))

    def post(self, x):
        return x * self.k if x.abs().max() > 1 else x


@functools.lru_cache(maxsize=None)
def tri(n):
    return torch.tril(torch.ones(n, n))


def checked(*shapes):
    def deco(fn):
        @functools.wraps(fn)
        def inner(*a, **k):
            for t, s in zip(a[1:], shapes):
                if t.dim() != s:
                    raise ValueError(f"expected {s}-d, got {t.dim()}")
            return fn(*a, **k)

        return inner

    return deco


@sample(lambda: (R(3, 4),), lambda: (R(6, 4) * 2,), lambda: (R(2, 3, 4),))
class Checked(nn.Module):
    @checked(2)
    def forward(self, x):
        m = tri(x.size(0))
        y = m @ x
        return y if not torch.any(y > 3) else y.clamp(max=3)


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 4,))
class Registry(nn.Module):
    REG = {}

    @classmethod
    def register(cls, name):
        def d(f):
            cls.REG[name] = f
            return f

        return d

    def __init__(self):
        super().__init__()
        self.order = ["id", "sq"]

    def forward(self, x):
        names = self.order if x.sum() > 0 else list(reversed(self.order))
        for n in names:
            x = self.REG[n](x)
        return x


@Registry.register("id")
def _id(x):
    return x + 1 if x.mean() > 0 else x


@Registry.register("sq")
def _sq(x):
    return x * x.abs().max()


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 3,))
class Helper(nn.Module):
    class Policy:
        def __init__(self, t):
            self.t = t

        def accept(self, x):
            return x.std() > self.t

        def __call__(self, x):
            return x * self.t

    def __init__(self):
        super().__init__()
        self.policy = self.Policy(1.5)
        self.chain = [("a", torch.relu), ("b", torch.neg)]

    def forward(self, x):
        y = self.policy(x)
        for name, f in self.chain:
            if self.policy.accept(y) and name != "z":
                y = f(y)
        return y


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) - 3,))
class Sub3(nn.Module):
    class A(nn.Module):
        class B(nn.Module):
            class C(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.l = nn.Linear(4, 4)

                def forward(self, x, *, deep=False):
                    y = self.l(x)
                    return (y, None) if y.mean() > 0 and not deep else (y * 2, y)

            def __init__(self):
                super().__init__()
                self.c = self.C()

            def forward(self, x):
                y, aux = self.c(x)
                if aux is not None:
                    y = y + aux.mean()
                return y

        def __init__(self):
            super().__init__()
            self.b = self.B()
            self.n = nn.LayerNorm(4)

        def forward(self, x):
            return self.n(self.b(x)) + x

    def __init__(self):
        super().__init__()
        self.a = nn.ModuleList([self.A(), self.A()])

    def forward(self, x):
        for m in self.a:
            x = m(x)
        return x


@sample(lambda: (R(4),), lambda: (-R(4).abs(),))
class AllAny(nn.Module):
    def __init__(self):
        super().__init__()
        self.rules = [lambda t: t.sum() > 0, lambda t: t.max() < 3]
        self.m = {"k": {"a": 1.5}}

    def forward(self, x):
        ok = all(r(x) for r in self.rules)
        bad = any(not bool(r(x)) for r in self.rules[::-1])
        f = next((i for i, r in enumerate(self.rules) if not r(x)), -1)
        return x * (1 if ok else self.m["k"]["a"]) + f, bad
