"""Models with objects that no variable of TorchScript holds: enumeration members, sets, iterators, objects that keep state."""

import bisect
import dataclasses
import enum
import math

import torch
import torch.nn as nn

from common import R, sample


class Phase(enum.Enum):
    COLD = 0.5
    WARM = 1.0
    HOT = 4.0


@sample(lambda: (torch.ones(4),), lambda: (-torch.ones(4),), lambda: (torch.arange(4.0) * 9,))
class PhaseOfInput(nn.Module):
    def phase(self, x):
        if x.max() > 20:
            return Phase.HOT
        return Phase.WARM if x.sum() > 0 else Phase.COLD

    def forward(self, x):
        phase = self.phase(x)
        activation = torch.relu if phase == Phase.HOT else None
        if activation:
            x = activation(x)
        if phase is not Phase.WARM:
            x = x + 1
        return x * {Phase.HOT: 2.0, Phase.WARM: 3.0, Phase.COLD: 5.0}[phase], phase in (Phase.COLD, Phase.HOT)


@sample(lambda: (torch.zeros(2),), lambda: (torch.ones(2) * 3,), lambda: (R(2) * 4,), calls=5)
class Hysteresis(nn.Module):
    def __init__(self):
        super().__init__()
        self.phase = Phase.COLD

    def forward(self, x):
        before = self.phase
        if self.phase is Phase.COLD and x.mean() > 1:
            self.phase = Phase.WARM
        elif self.phase is Phase.WARM:
            self.phase = Phase.HOT if x.mean() > 2 else Phase.COLD
        return x * self.phase.value, before is self.phase


class Average:
    def __init__(self, momentum):
        self.momentum = momentum
        self.value = None
        self.seen = []

    @property
    def count(self):
        return len(self.seen)

    def update(self, value):
        self.seen.append(value)
        self.value = value if self.value is None else self.momentum * self.value + (1 - self.momentum) * value
        return self.value


@dataclasses.dataclass
class Limits:
    low: float = -1.0
    hits: int = 0


@sample(lambda: (torch.ones(3),), lambda: (R(3) * 3,), calls=4)
class ObjectState(nn.Module):
    def __init__(self):
        super().__init__()
        self.average = Average(0.8)
        self.limits = [Limits(), Limits(low=0.5)]

    def forward(self, x):
        mean = self.average.update(x.mean().item())
        limit = self.limits[1]
        if mean < limit.low:
            limit.hits += 1
        return x - mean, self.average.count, self.limits[1].hits


class Layer(nn.Module):
    def __init__(self, index):
        super().__init__()
        self.index = index

    def forward(self, x, cache):
        if self.index in cache:
            x = x + cache[self.index][0]
        cache[self.index] = (x, x * 2)
        return x


@sample(lambda: (torch.ones(3),), lambda: (R(3),), calls=4)
class CachePassedOn(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Layer(i) for i in range(2))
        self.cache = {}
        self.totals = [0.0, 0.0]

    @property
    def total(self):
        return self.totals[0]

    @total.setter
    def total(self, value):
        self.totals[0] = value + 1

    def forward(self, x):
        for layer in self.layers:
            x = layer(x, self.cache)
        totals = self.totals
        totals[1] += x.sum().item()
        self.total = totals[1]
        return x, self.total


@sample(lambda: (torch.tensor([3, 1, 2, 0]),), lambda: (torch.tensor([9, 8, 1, 17, 8]),), lambda: (torch.tensor([-1, 40]),))
class Sets(nn.Module):
    def forward(self, ids):
        seen, odd = {int(ids[0])}, {v % 2 for v in ids.tolist()}
        for value in ids.tolist():
            if value not in seen:
                seen.add(value)
        seen.update([5, 7])
        seen.discard(0)
        order = [v for v in set(ids.tolist())]
        return len(seen & {3, 5}), seen >= {5, 7}, seen == {5, 7, -1}, sorted(seen - odd), torch.tensor(order)


@sample(lambda: (torch.arange(4.0),), lambda: (-torch.arange(4.0),))
class Captured(nn.Module):
    def forward(self, x):
        hits, calls = 0, []

        def visit(value):
            nonlocal hits
            if value > 0:
                hits += 1

        def noted(value):
            calls.append(value)
            return value

        for value in x:
            visit(value)
        inside = 0 < x[1].item() < noted(3)
        rows = [[0] * 2] * 2
        rows[0][1] = hits
        steps = iter(x.tolist())
        first = next(steps)
        return hits, inside, len(calls), torch.tensor(rows), first, [v * 2 for v in steps]


@sample(lambda: (torch.eye(3),), lambda: (torch.zeros(3, 3),), lambda: (-3 * torch.eye(3),))
class Attempts(nn.Module):
    def forward(self, x):
        jitter = 0.001
        for attempt in range(4):
            try:
                factor = torch.linalg.cholesky(x + jitter * torch.eye(3))
                break
            except RuntimeError:
                jitter *= 10
        else:
            return x, -1
        return factor, attempt


@sample(lambda: (torch.arange(4.0),), lambda: (-torch.arange(4.0) - 1,))
class ForeseenLate(nn.Module):
    def forward(self, x):
        try:
            n = 10 // int(x[0] + 1)
            value = [1, 2][n] if n > 4 else [4, 5, 6][n + 3]
        except (ZeroDivisionError, IndexError):
            value = -1
        return x * value


@sample(lambda: (torch.tensor([3, 1, 2, 0]),), lambda: (torch.tensor([5, 5]),))
class Bisected(nn.Module):
    def spread(self, low, high):
        return high - low

    def forward(self, ids):
        ordered = []
        for value in ids.tolist():
            bisect.insort(ordered, value)
        near = math.isclose(ids[0].item() / 3, ids[1].item() / 3, rel_tol=0.1)
        return ordered, bisect.bisect_left(ordered, 2), near, self.spread(*ids[:2].tolist()), max(*ids.tolist())
