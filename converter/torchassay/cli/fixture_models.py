"""The models that the tests of this room convert, as the text of a user's file."""

MODELS = """
import dataclasses
import os
import sys
import torch
from torch import nn

class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(10, 20))

    def forward(self, input):
        if input.sum() > 0:
            output = self.weight.mv(input)
        else:
            output = self.weight + input
        return output

class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 2)

    def forward(self, x, mask=None):
        print("noise on stdout", flush=True)
        os.write(1, b"more noise")
        sys.stderr.write("noise on stderr")
        return self.inner(x)

class Hangs(nn.Module):
    def forward(self, x):
        while True:
            pass

class Leaves(nn.Module):
    def forward(self, x):
        os._exit(7)

class Refuses(nn.Module):
    def forward(self, x):
        raise RuntimeError("never works")

class ReturnsNothing(nn.Module):
    def forward(self, x):
        return (), None

class ReturnsObject(nn.Module):
    def forward(self, x):
        return {"a": object()}

class ReturnsNan(nn.Module):
    def forward(self, x):
        return x / 0

class Lambda(nn.Module):
    def forward(self, x):
        if (lambda t: t.sum())(x) > 0:
            return x
        return -x

calls_seen = []

class Counts(nn.Module):
    def forward(self, x):
        calls_seen.append(1)
        return x + len(calls_seen)

@dataclasses.dataclass
class Batch:
    x: torch.Tensor
    y: torch.Tensor

class TakesBatch(nn.Module):
    def forward(self, batch):
        return batch.x + batch.y

def batch(): return (Batch(torch.rand(3), torch.rand(3)),)

class LeavesOut(nn.Module):
    @torch.jit.ignore
    def python_only(self, x):
        return x * 3

    def forward(self, x):
        if x.sum() > 0:
            return x
        return self.python_only(x)

class Embeds(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(5, 3, max_norm=0.1)

    def forward(self, ids):
        return self.table(ids)

def indices(): return (torch.arange(4),)

class Waived(nn.Module):
    def forward(self, x):
        if x.sum() > 0:  # torchassay: allow[TA101] the sum is positive in this product
            return x
        return -x

class Nested(nn.Module):
    def forward(self, batch, pair, *, scale=1.0):
        return {"sum": pair[0] + pair[1], "ids": batch["ids"] * 1.0}, pair[0] * scale

def nested(): return {"batch": {"ids": torch.arange(3)}, "pair": (torch.rand(2), torch.rand(2)), "scale": 0.5}
def several(): return [(torch.rand(2, 3),), (torch.rand(1, 3),)]
def twenty(): return (torch.rand(20),)
def rows(): return (torch.rand(2, 3),)
"""


def line_of(text: str) -> int:
    """The line of the models' file that holds `text`."""
    return next(number for number, line in enumerate(MODELS.splitlines(), 1) if text in line)
