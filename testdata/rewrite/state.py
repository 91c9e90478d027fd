"""Models that remember: counters, caches, moving averages, hooks."""

import math
from collections import deque

import torch
import torch.nn as nn

from common import R, sample


@sample(lambda: (R(1, 4),), lambda: (R(1, 4),), calls=4)
class KV(nn.Module):
    def __init__(self):
        super().__init__()
        self.cache = []
        self.step = 0

    def forward(self, x):
        self.cache.append(x)
        self.step += 1
        if len(self.cache) > 2:
            self.cache.pop(0)
        return torch.cat(self.cache).mean(0) * self.step


@sample(lambda: (R(1, 4),), lambda: (R(1, 4),), calls=4)
class Ema(nn.Module):
    def __init__(self):
        super().__init__()
        self.prev = None
        self.register_buffer("count", torch.zeros(()))

    def forward(self, x):
        if self.prev is None:
            self.prev = x
        else:
            self.prev = 0.9 * self.prev + 0.1 * x
        self.count = self.count + 1
        return self.prev / self.count


@sample(lambda: (R(2, 5, 4), torch.tensor([5, 3])), lambda: (R(2, 5, 4), torch.tensor([2, 4])))
class Lens(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(4, 4)

    def forward(self, x, lengths):
        outs = []
        for b in range(x.size(0)):
            h = c = None
            for t in range(int(lengths[b])):
                st = (h, c) if h is not None else None
                h, c = self.cell(x[b, t].unsqueeze(0), st)
            outs.append(h)
        return torch.cat(outs, 0)


@sample(lambda: (R(2, 3, 8),), lambda: (R(2, 9, 8),))
class Attn(nn.Module):
    def __init__(self):
        super().__init__()
        self.h = 2
        self.qkv = nn.Linear(8, 24)
        self.register_buffer("m", torch.tril(torch.ones(4, 4)), persistent=False)
        self.window = 4

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.qkv(x).split(C, dim=2)
        q, k, v = (t.view(B, T, self.h, C // self.h).transpose(1, 2) for t in (q, k, v))
        if T > self.m.size(0):
            self.m = torch.tril(torch.ones(T, T))
        a = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        a = a.masked_fill(self.m[:T, :T] == 0, float("-inf"))
        chunks = [a.softmax(-1)[..., i : i + self.window] for i in range(0, T, self.window)]
        a = torch.cat(chunks, -1)
        return (a @ v).transpose(1, 2).reshape(B, T, C)


@sample(lambda: (R(2, 4),), lambda: (R(3, 4),))
class TupKey(nn.Module):
    def __init__(self):
        super().__init__()
        self.cache = {}

    def grid(self, h, w, device):
        key = (h, w)
        if key not in self.cache:
            self.cache[key] = torch.arange(h * w, device=device).view(h, w).float()
        return self.cache[key]

    def forward(self, x):
        return x + self.grid(x.shape[0], x.shape[1], x.device)


@sample(lambda: (R(2, 4), R(2, 4)), lambda: (R(2, 4), R(2, 4) * 3))
class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.buf = deque(maxlen=2)

    def forward(self, x, y):
        self.buf.append(x)
        self.buf.append(y)
        self.buf.append(x + y)
        return torch.stack(list(self.buf)).sum(0)


@sample(lambda: (torch.tensor([[1, 2, 0], [3, 0, 0]]),), lambda: (torch.tensor([[1, 0, 0], [3, 0, 0]]),))
class Pack(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(5, 4)
        self.rnn = nn.GRU(4, 3, batch_first=True)

    def forward(self, ids):
        lens = (ids != 0).sum(-1)
        m = lens.max().item()
        h, _ = self.rnn(self.emb(ids[:, :m]))
        return torch.stack([h[i, l - 1] for i, l in enumerate(lens.tolist())])


@sample(lambda: (R(2, 4),), lambda: (R(2, 4),), calls=5)
class Warm(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0
        self.hist = {}
        self.flag = False
        self.last_shape = None

    def forward(self, x):
        self.calls += 1
        if self.calls % 2 == 0:
            self.flag = not self.flag
        self.hist[self.calls] = x.sum()
        shape = tuple(x.shape)
        if self.last_shape != shape:
            self.last_shape = shape
            bonus = 1.0
        else:
            bonus = 0.0
        return x * (2 if self.flag else 1) + sum(self.hist.values()) + bonus


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) + 3,))
class Hook(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(4, 4)
        self.seen = []
        self.l.register_forward_hook(self.hook)
        self.register_forward_pre_hook(lambda m, a: (a[0] * 2,) if a[0].mean() > 1 else None)

    def hook(self, m, i, o):
        return o.clamp(min=0) if o.min() < -1 else None

    def forward(self, x):
        return self.l(x)


_POS = {}


def sinus(n, d):
    if (n, d) not in _POS:
        p = torch.arange(n).unsqueeze(1) / 10.0
        _POS[(n, d)] = torch.cat([p.sin().expand(n, d // 2), p.cos().expand(n, d // 2)], 1)
    return _POS[(n, d)]


@sample(lambda: (R(3, 4),), lambda: (R(6, 4),))
class GlobalCache(nn.Module):
    def forward(self, x):
        return x + sinus(x.size(0), x.size(1))


@sample(lambda: (R(3, 4),), lambda: (R(3, 4),), calls=6)
class Sched(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("step", torch.zeros((), dtype=torch.long))
        self.warm = 3
        self.best = float("inf")
        self.patience = 0

    def forward(self, x):
        self.step += 1
        scale = min(1.0, self.step.item() / self.warm)
        v = float(x.pow(2).mean())
        if v < self.best:
            self.best = v
            self.patience = 0
        else:
            self.patience += 1
        return x * scale, self.patience


@sample(lambda: (R(2, 4),), lambda: (R(2, 4),), calls=3)
class Ring(nn.Module):
    def __init__(self, n=2):
        super().__init__()
        self.mem = torch.zeros(n, 4)
        self.ptr = 0
        self.full = False

    def forward(self, x):
        for row in x:
            self.mem[self.ptr] = row
            self.ptr = (self.ptr + 1) % self.mem.size(0)
            if self.ptr == 0:
                self.full = True
        return self.mem.mean(0) if self.full else self.mem[: self.ptr].mean(0)


@sample(lambda: (R(2, 4),), lambda: (R(2, 3),), lambda: (R(2, 5),), calls=5)
class Segments(nn.Module):
    """Keeps the last two segments, by cutting the list in place."""

    def __init__(self):
        super().__init__()
        self.mems = []
        self.sizes = [0, 0]

    def forward(self, x):
        memory = torch.cat(self.mems, dim=1) if self.mems else x.new_zeros(2, 0)
        self.mems.append(x.detach())
        del self.mems[:-2]
        self.sizes[:1] = [self.sizes[-1], x.size(1)]
        del self.sizes[0:-3]
        recent = [1, 2, 3]
        recent[1:] = [memory.size(1)]
        return torch.cat([memory, x], dim=1), torch.tensor(self.sizes), torch.tensor(recent)


def trim(values, stop):
    while len(values) > stop:
        values.pop(0)


def forget(table, key):
    table.pop(key, 0)


@sample(lambda: (R(2, 4),), lambda: (R(2, 3),), calls=5)
class Trimmed(nn.Module):
    """Helpers that do nothing but take something out."""

    def __init__(self):
        super().__init__()
        self.recent = []
        self.seen = {}

    def forward(self, x):
        self.recent.append(x.size(1))
        trim(self.recent, 3)
        self.seen[len(self.seen) * 2 + x.size(1)] = len(self.seen)
        forget(self.seen, 4)
        return x * len(self.recent) + len(self.seen)


class Warmup:
    """A forward pre-hook that lets only some features pass until it has run a few times."""

    def __init__(self, after):
        self.after = after
        self.runs = 0

    def __call__(self, module, args):
        self.runs += 1
        if self.runs <= self.after:
            return (args[0] * 0.5,)
        return None


class Limiter:
    def __init__(self):
        self.last = None

    def limit(self, module, args, output):
        bound = self.last
        self.last = output.detach().norm()
        if bound is None:
            return output
        return output * torch.clamp(2 * bound / output.norm().clamp(min=1e-6), max=1.0)


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) * 9,), calls=5)
class Hooked(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(2))
        for layer in self.layers:
            layer.register_forward_pre_hook(Warmup(2))
            layer.register_forward_hook(Limiter().limit)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
