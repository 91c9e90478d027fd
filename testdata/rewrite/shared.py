"""State that no module owns: in closures, on classes, in the source file, in iterators."""

import functools
import itertools
import math
from collections import Counter, defaultdict, deque
from typing import ClassVar, Dict, List

import torch
import torch.nn as nn
from common import R, sample


def make_ema(decay):
    state = None

    def step(x):
        nonlocal state
        if state is None:
            state = x.detach().clone()
        else:
            state = decay * state + (1 - decay) * x.detach()
        return state

    return step


@sample(lambda: (R(3),), lambda: (R(3),), calls=3)
class TwoAverages(nn.Module):
    """Two closures of one maker, each with a tensor that is None at first."""

    def __init__(self):
        super().__init__()
        self.fast = make_ema(0.5)
        self.slow = make_ema(0.9)

    def forward(self, x):
        return self.fast(x) - self.slow(x * 2)


def make_stats():
    count, mean, m2 = 0, 0.0, 0.0

    def push(v):
        nonlocal count, mean, m2
        count += 1
        d = v - mean
        mean += d / count
        m2 += d * (v - mean)
        return mean

    def var():
        return m2 / count if count > 1 else 1.0

    return push, var


@sample(lambda: (R(5),), lambda: (R(5),), calls=4)
class RunningStats(nn.Module):
    """Several variables, which one function changes and another reads."""

    def __init__(self):
        super().__init__()
        self.push, self.var = make_stats()

    def forward(self, x):
        m = self.push(float(x.mean()))
        return (x - m) / math.sqrt(self.var() + 1e-3)


def make_decayed(n):
    memory, t = torch.zeros(n), 0

    def inner(x):
        nonlocal t
        t += 1
        memory.mul_(0.5).add_(x)

        def corrected():
            nonlocal t
            if t > 2:
                t = 0
            return memory / (1 - 0.5 ** max(t, 1))

        return corrected()

    return inner


@sample(lambda: (R(3),), lambda: (R(3),), calls=4)
class Decayed(nn.Module):
    """A tensor of a closure that is changed in place; a function within that changes a variable of the maker."""

    def __init__(self):
        super().__init__()
        self.decayed = make_decayed(3)

    def forward(self, x):
        return self.decayed(x)


def make_history(n):
    items = []

    def add(x):
        items.append(x)
        if len(items) > n:
            items.pop(0)
        return torch.stack(items).mean(0)

    return add


class Smoothed(nn.Module):
    def __init__(self, smooth):
        super().__init__()
        self.smooth = smooth
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        return self.fc(x) + self.smooth(x)


@sample(lambda: (R(3),), lambda: (R(3),), calls=4)
class SharedHistory(nn.Module):
    """One closure in two submodules."""

    def __init__(self):
        super().__init__()
        smooth = make_history(3)
        self.a, self.b = Smoothed(smooth), Smoothed(smooth)

    def forward(self, x):
        return self.b(self.a(x))


@sample(lambda: (R(3),), lambda: (R(3),), calls=3)
class PeakHook(nn.Module):
    """A hook with a tensor in its closure; a loop and branches that change numbers in another."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        peak, last, streak = torch.zeros(3), 0.0, 0

        def hook(module, args, out):
            nonlocal peak
            peak = torch.maximum(peak, out)
            return peak

        def track(xs):
            nonlocal last, streak
            for v in xs.tolist():
                if v > last:
                    streak += 1
                else:
                    streak = 0
                last = v
            return streak

        self.fc.register_forward_hook(hook)
        self.track = track

    def forward(self, x):
        return self.fc(x) * self.track(x)


@sample(lambda: (R(3),), lambda: (R(3),), calls=3)
class SeenKeys(nn.Module):
    """A `defaultdict` in the closure of a function that `partial` wraps."""

    def __init__(self):
        super().__init__()
        seen = defaultdict(int)

        def scale(factor, key, x):
            seen[key] += 1
            return x * factor / seen[key]

        self.scale = functools.partial(scale, 2.0)

    def forward(self, x):
        return self.scale(int(x.sum() > 0), x)


class VisitBonus(nn.Module):
    visits: ClassVar[Counter] = Counter()

    def __init__(self, scale, worker):
        super().__init__()
        self.scale, self.worker = scale, worker
        type(self).visits.clear()

    def bonus(self):
        VisitBonus.visits[self.worker] += 1
        return self.scale / VisitBonus.visits[self.worker] ** 0.5

    def forward(self, x):
        return x + self.bonus() * x.abs()


@sample(lambda: (R(3),), lambda: (R(3),), calls=3)
class Visits(nn.Module):
    """A container of a class, which its instances share."""

    def __init__(self):
        super().__init__()
        self.explore = nn.ModuleList([VisitBonus(0.5, "main"), VisitBonus(0.3, "main"), VisitBonus(0.2, "other")])

    def forward(self, x):
        for explore in self.explore:
            x = explore(x)
        return x


class Numbered(nn.Module):
    calls = 0

    def __init__(self):
        super().__init__()
        type(self).calls = 0

    def forward(self, x):
        type(self).calls += 1
        return x * Numbered.calls


@sample(lambda: (R(3),), lambda: (R(3),), calls=3)
class ClassCounter(nn.Module):
    """A number of a class, read through an instance as well."""

    def __init__(self):
        super().__init__()
        self.a, self.b = Numbered(), Numbered()

    def forward(self, x):
        return self.b(self.a(x)) + self.a.calls


class Hub(nn.Module):
    latest = None

    def __init__(self):
        super().__init__()
        Hub.latest = None

    @classmethod
    def publish(cls, x):
        cls.latest = x if cls.latest is None else cls.latest + x
        if cls.latest.abs().sum() > 4:
            cls.latest = None

    def forward(self, x):
        self.publish(x)
        return x if self.latest is None else x - self.latest


@sample(lambda: (R(3),), lambda: (R(3),), calls=5)
class Hubs(nn.Module):
    """A tensor of a class that may be None."""

    def __init__(self):
        super().__init__()
        self.a, self.b = Hub(), Hub()

    def forward(self, x):
        return self.a(x) + self.b(x * 0.5)


class Bank(nn.Module):
    bank = {}
    best: Dict[str, float] = {}

    def __init__(self, key):
        super().__init__()
        self.key = key
        Bank.bank.clear()
        Bank.best.clear()

    @classmethod
    def remember(cls, key, value):
        cls.best[key] = max(cls.best.get(key, 0.0), value)
        return cls.best[key]

    def forward(self, x):
        old = Bank.bank.get(self.key)
        self.bank[self.key] = x if old is None else 0.5 * old + x
        return self.bank[self.key] - self.remember(self.key, x.max().item())


@sample(lambda: (R(3),), lambda: (R(3),), calls=3)
class Banks(nn.Module):
    """Tensors by key on a class, changed through an instance and by a class method."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = Bank("a"), Bank("b"), Bank("a")

    def forward(self, x):
        return self.a(x) + self.b(x * 2) - self.c(x)


class Pool:
    live: List[torch.Tensor] = []

    def __init__(self):
        self.hits = 0

    def put(self, x):
        self.hits += 1
        Pool.live.append(x)
        return len(Pool.live)


@sample(lambda: (R(3),), lambda: (R(3),), calls=3)
class PoolOfClass(nn.Module):
    """The class of a plain object; a variable that stands for a container of a class."""

    seen: List[float] = []

    def __init__(self):
        super().__init__()
        self.pool = Pool()
        Pool.live.clear()
        PoolOfClass.seen.clear()

    def forward(self, x):
        seen = PoolOfClass.seen
        for v in x.tolist():
            if v > 0:
                seen.append(v)
        return x * self.pool.put(x) + self.pool.hits + len(PoolOfClass.seen)


class Gain:
    level = 1.0

    @property
    def db(self):
        return 20 * math.log10(Gain.level)

    @classmethod
    def bump(cls, up):
        cls.level = min(cls.level * (1.1 if up else 0.9), 4.0)


class Stack(nn.Sequential):
    count = 0

    def __init__(self, *layers):
        super().__init__(*layers)
        Stack.count = 0

    def forward(self, x):
        Stack.count += 1
        for layer in self:
            x = layer(x)
        return x * Stack.count / len(list(self.children()))


@sample(lambda: (R(3),), lambda: (R(3) * 0.1,), calls=3)
class GainOfClass(nn.Module):
    """A property that reads what its class holds; containers of modules that use shared state."""

    def __init__(self):
        super().__init__()
        self.gain = Gain()
        self.stack = nn.ModuleList([Stack(nn.Linear(3, 3), nn.ReLU()), Stack(nn.Linear(3, 3))])
        Gain.level = 1.0

    def forward(self, x):
        Gain.bump(bool(x.abs().max() < 1))
        for layers in self.stack:
            x = layers(x)
        return x * Gain.level + self.gain.db


NOTES = []
NOTED = 0


def note(x):
    global NOTED
    NOTED += 1
    NOTES.append(float(x.sum()))
    return sum(NOTES[-2:])


class Noting(nn.Module):
    def forward(self, x):
        return x + note(x) * NOTED


@sample(lambda: (R(3),), lambda: (R(3),), calls=3)
class NotesOfTwo(nn.Module):
    """Variables of the file, which two modules change."""

    def __init__(self):
        global NOTED
        super().__init__()
        self.a, self.b = Noting(), Noting()
        NOTED = 0
        NOTES.clear()

    def forward(self, x):
        return self.a(x) * self.b(x)


class Decay:
    def __init__(self):
        self.value = 1.0

    def __next__(self):
        self.value *= 0.5
        return self.value


@sample(lambda: (R(3),), lambda: (R(3),), calls=5)
class Turns(nn.Module):
    """Iterators that the model keeps."""

    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(3, 3) for _ in range(3))
        self.turn = itertools.cycle(range(3))
        self.act = itertools.cycle(["relu", "tanh"])
        self.decay = iter([1.0, 0.5, 0.25])
        ids = itertools.count(1, 2)
        self.ticket = lambda: next(ids)
        self.own = Decay()
        next(self.turn)

    def forward(self, x):
        x = getattr(torch, next(self.act))(self.heads[next(self.turn)](x))
        return x * next(self.decay, 0.1) + self.ticket() * next(self.own)


SPOKEN = deque(maxlen=3)


def recalled(width):
    total = torch.zeros(width)
    for age, vector in enumerate(reversed(SPOKEN)):
        total = total + 0.5 ** (age + 1) * vector
    return total


@sample(lambda: (R(4),), lambda: (R(4) * 3,), calls=5)
class Spoken(nn.Module):
    """A bounded queue of the source file."""

    def __init__(self):
        super().__init__()
        SPOKEN.clear()

    def forward(self, x):
        y = x + recalled(4)
        SPOKEN.append(x.clone())
        return y, len(SPOKEN)
