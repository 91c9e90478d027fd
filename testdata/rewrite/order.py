"""Models in which order and identity matter: in-place changes, aliases, closures, records that change."""

import dataclasses
from dataclasses import dataclass, field
from typing import List
import torch
import torch.nn as nn
from torch import Tensor
from common import R, sample


@sample(lambda: (R(3),), lambda: (-R(3).abs(),), lambda: (R(3).abs(),))
class SideEffects(nn.Module):
    def __init__(self):
        super().__init__()
        self.count = 0

    def check(self, v):
        self.count += 1
        return v > 0

    def forward(self, x):
        self.count = 0
        ok = self.check(x[0]) and self.check(x[1]) and self.check(x[2])
        any_ = any((self.check(v) for v in x))
        all_ = all((self.check(v) for v in x))
        return (self.count, bool(ok), any_, all_)


@sample(lambda: (R(4),), lambda: (R(4) * 5,))
class Order(nn.Module):
    def bump(self, x):
        x.add_(1)
        return x.sum()

    def forward(self, x):
        x = x.clone()
        a = x.sum() * 2 + self.bump(x)
        b = (x.sum(), self.bump(x), x.sum())
        d = {"p": x.mean(), "q": self.bump(x)}
        if x.sum() > 0 and self.bump(x) > 3:
            a = a + 1
        return (a + b[0] - b[2] + d["p"], [x.max(), x.mul_(2).max()][0])


@sample(lambda: (R(5),), lambda: (R(5) * 4,))
class ListAlias(nn.Module):
    def forward(self, x):
        a = [0.0] * 3
        b = a
        c = list(a)
        for i, v in enumerate(x.tolist()):
            b[i % 3] += v
            if v > 0:
                c.insert(0, v)
            else:
                c.append(v)
        rows = [[0] * 2 for _ in range(2)]
        rows[0][1] = len(c)
        a2 = a[::-1]
        c.reverse()
        last = c.pop()
        del c[0]
        return (a, sum(b), c, rows, a2, last, a == b, c[-1:], a[1:3], len(a * 2))


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 4,))
class InPlace(nn.Module):
    def forward(self, x):
        x = x.clone()
        m = x > 1
        if m.any():
            x[m] = 1.0
        x[:, 0] += x[:, 1].abs()
        if x[0, 0] > x[1, 0]:
            x[0], x[1] = (x[1].clone(), x[0].clone())
        x.mul_(2).add_(1)
        return x


@dataclasses.dataclass
class State:
    h: Tensor
    step: int = 0
    done: bool = False

    def advance(self, x):
        return State(self.h + x, self.step + 1, bool((self.h + x).sum() > 5))


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 4,))
class MutDC(nn.Module):
    def forward(self, x):
        st = State(x)
        while not st.done and st.step < 5:
            st.h = st.h * 0.5
            st.step += 1
            st.done = bool(st.h.abs().max() < 0.5)
        return (st.h, st.step)


@sample(lambda: (torch.rand(6, 3),), lambda: (torch.rand(6, 3) * 4,))
class StateMachine(nn.Module):
    def forward(self, xs):
        st = State(torch.zeros(3))
        for x in xs:
            st = st.advance(x)
            if st.done:
                break
        return (st.h, st.step)


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 3,))
class AnotherNested(nn.Module):
    def forward(self, x):

        def scale(t, by=2.0):
            nonlocal count
            count += 1
            return t * by

        count = 0
        if x.max() > 2:
            x = scale(x, 0.5)
        x = scale(x)
        return (x, count)


@sample(lambda: (R(5),), lambda: (R(5) * 0,))
class Closure(nn.Module):
    def forward(self, x):
        thr = x.mean()

        def above(v):
            return v > thr

        def walk(i, acc):
            if i >= x.shape[0]:
                return acc
            return walk(i + 1, acc + x[i] if above(x[i]) else acc)

        return (walk(0, torch.tensor(0.0)), sum((1 for v in x if above(v))))


CALLS = 0


@sample(lambda: (R(2, 3),), lambda: (R(2, 3) * 3,))
class GlobalCount(nn.Module):
    def forward(self, x):
        global CALLS
        CALLS = CALLS + 1 if x.sum() > -100 else 0
        return x * (2 if x.max() > 1 else 1)


@sample(lambda: (R(2, 3),), lambda: (R(2, 3) * 2,))
class TryFinally(nn.Module):
    def __init__(self):
        super().__init__()
        self.depth = 0

    def forward(self, x):
        self.depth += 1
        try:
            if x.max() > 2:
                x = x / 2
            y = x * self.depth
        finally:
            self.depth -= 1
        return y + self.depth


class Halt(Exception):
    pass


@sample(lambda: (R(4),), lambda: (R(4) * 3,))
class CustomExc(nn.Module):
    def check(self, x):
        if x.abs().max() > 2:
            raise Halt("too big")
        return x * 2

    def forward(self, x):
        try:
            y = self.check(x)
        except Halt:
            y = x.clamp(-2, 2)
        return y


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) + 3,))
class Hooks(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.feats = {}
        self.fc.register_forward_hook(self.save("fc"))

    def save(self, name):

        def hook(mod, inp, out):
            self.feats[name] = out.detach()

        return hook

    def forward(self, x):
        y = self.fc(x)
        if self.feats["fc"].mean() > 0.5:
            return y * 2
        return y


@sample(
    lambda: (torch.tensor([[0, 1, 2, 0], [1, 2, 0, 3]]), R(4, 3)),
    lambda: (torch.tensor([[0], [1]]), R(4, 3)),
    lambda: (torch.zeros(2, 0, dtype=torch.long), R(4, 3)),
)
class GraphConv(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(3, 3)

    def forward(self, edge_index, x):
        n = x.size(0)
        if edge_index.numel() == 0:
            return self.lin(x)
        src, dst = edge_index
        deg = torch.zeros(n).scatter_add_(0, dst, torch.ones(dst.size(0)))
        agg = torch.zeros_like(x).index_add_(0, dst, x[src])
        neigh = {i: src[dst == i].tolist() for i in range(n)}
        lonely = [i for i, v in neigh.items() if not v]
        if lonely:
            agg[lonely] = x[lonely]
        return (self.lin(agg / deg.clamp(min=1).unsqueeze(-1)), len(lonely))


@sample(lambda: (R(2, 3),), lambda: (R(2, 3) * 3,))
class Inherit(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))

    def forward(self, x):
        for i, m in enumerate(self):
            y = m(x)
            if i and y.abs().mean() < 0.3:
                return y
            x = y
        return super().forward(x)


class Base(nn.Module):
    act = staticmethod(torch.relu)

    def pre(self, x):
        return x

    def forward(self, x):
        x = self.pre(x)
        return self.post(self.act(x)) if x.sum() > self.threshold else x

    @property
    def threshold(self):
        return 0.0

    def post(self, x):
        raise NotImplementedError


@sample(lambda: (R(3),), lambda: (R(3) - 2,), lambda: (R(3) + 2,))
class Derived(Base):
    act = staticmethod(torch.tanh)

    @property
    def threshold(self):
        return super().threshold + 1.0

    def pre(self, x):
        return super().pre(x) * 2

    def post(self, x):
        return x + 1


class Registry2:
    def __init__(self):
        self.items = {}

    def add(self, key, fn):
        self.items[key] = fn
        return self

    def __getitem__(self, key):
        return self.items[key]

    def __contains__(self, key):
        return key in self.items


@sample(lambda: (R(3),), lambda: (R(3).abs(),), lambda: (-R(3).abs(),))
class UseReg(nn.Module):
    def __init__(self):
        super().__init__()
        self.reg = Registry2().add("p", torch.sigmoid).add("n", torch.tanh)

    def forward(self, x):
        key = "p" if (x > 0).all() else "n" if (x < 0).all() else "z"
        return self.reg[key](x) if key in self.reg else x


@dataclass
class Detections:
    boxes: torch.Tensor
    scores: torch.Tensor
    names: List[str] = field(default_factory=list)

    @property
    def count(self):
        return len(self.scores)


@sample(lambda: (torch.rand(6),), lambda: (torch.rand(6) * 0.1,))
class Detector(nn.Module):
    names = ("cat", "dog", "bird")

    def __init__(self, cfg=None):
        super().__init__()
        self.cfg = {"score_thr": 0.5, "topk": 3, **(cfg or {})}

    def forward(self, s):
        keep = (s > self.cfg["score_thr"]).nonzero().squeeze(1)
        d = Detections(torch.stack([keep.float()] * 4, 1), s[keep])
        if d.count > self.cfg["topk"]:
            top = d.scores.topk(self.cfg["topk"]).indices
            d = Detections(d.boxes[top], d.scores[top])
        return (d.boxes, d.scores)


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 3,))
class PropSetter(nn.Module):
    def __init__(self):
        super().__init__()
        self._t = 1.0

    @property
    def temp(self):
        return self._t

    @temp.setter
    def temp(self, v):
        self._t = max(0.1, min(v, 5.0))

    def forward(self, x):
        self.temp = self.temp * (1.5 if x.std() > 2 else 0.9)
        return x / self.temp


@sample(lambda: (torch.tensor(3), R(4)), lambda: (torch.tensor(0), R(4)), lambda: (torch.tensor(7), R(4)))
class SwitchInt(nn.Module):
    def forward(self, op, x):
        match op.item():
            case 0:
                return x
            case 1 | 2:
                return x * 2
            case n if n > 5:
                return x / n
            case n:
                return x + n
