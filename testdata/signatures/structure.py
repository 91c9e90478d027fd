"""Arguments that are no single tensor, and control flow."""

import warnings
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Pair(NamedTuple):
    """Two tensors by name."""

    left: Tensor
    right: Tensor


class TakesTuple(nn.Module):
    """A tuple, taken apart."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Linear(4, 2)
        self.right = nn.Linear(6, 2)

    def forward(self, pair: tuple[Tensor, Tensor]) -> Tensor:
        return self.left(pair[0]) + self.right(pair[1])


class TakesNamed(nn.Module):
    """A named tuple."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Linear(4, 2)

    def forward(self, pair: Pair) -> Tensor:
        return self.left(pair.left) * pair.right


class TakesDict(nn.Module):
    """A dict with two keys that the code asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"logits": self.head(self.table(batch["ids"])) * batch["weight"].unsqueeze(-1)}


class TakesLevels(nn.Module):
    """Maps by the level that they stand for."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Linear(6, 3)
        self.coarse = nn.Linear(8, 3)

    def forward(self, levels: dict[int, Tensor]) -> Tensor:
        return self.fine(levels[2]) + self.coarse(levels[5])


class Reduced(nn.Module):
    """A word and a number of which only some do."""

    def forward(self, x: Tensor, how: str, axis: int) -> Tensor:
        if axis < 1 or axis > 2:
            raise ValueError(f"axis must be 1 or 2, not {axis}")
        if how == "mean":
            return x.mean(axis)
        if how == "peak":
            return x.amax(axis)
        raise ValueError(f"unknown reduction {how}")


class TakesTables(nn.Module):
    """Numbers beside a list of ids, one for each of three tables."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = nn.ModuleList([nn.Embedding(rows, 4) for rows in (5, 6, 7)])
        self.head = nn.Linear(3, 4)

    def forward(self, dense: Tensor, ids: list[Tensor]) -> Tensor:
        parts = [self.head(dense)]
        for i, table in enumerate(self.tables):
            parts.append(table(ids[i]))
        return torch.stack(parts, 1)


class TakesWeights(nn.Module):
    """A dict that may lack a key, and a number behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)

    def forward(self, batch: dict[str, Tensor], scale: float) -> Tensor:
        y = self.head(batch["x"]) * scale
        if "weight" in batch:
            assert batch["weight"].dim() == 1, "expected one weight for each row"
            y = y * batch["weight"].view(y.shape[0], 1)
        return y


class TakesList(nn.Module):
    """As many feature maps as there are, all of three channels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        out: list[Tensor] = []
        for one in maps:
            out.append(self.conv(one))
        return out


class Repeats(nn.Module):
    """A loop whose count is an argument."""

    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Linear(5, 5)

    def forward(self, x: Tensor, times: int) -> Tensor:
        for _ in range(times):
            x = self.step(x).tanh()
        return x


class Best(nn.Module):
    """The k best of each row."""

    def forward(self, x: Tensor, k: int = 3, largest: bool = True) -> tuple[Tensor, Tensor]:
        return torch.topk(x, k, -1, largest)


class Mode(nn.Module):
    """A word chooses the activation."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(6, 2)

    def forward(self, x: Tensor, mode: str, scale: float = 1.0) -> Tensor:
        out = self.head(x) * scale
        if mode == "relu":
            return out.relu()
        if mode == "tanh":
            return out.tanh()
        return out


class Sizes(nn.Module):
    """A list of integers is the shape."""

    def forward(self, x: Tensor, sizes: list[int]) -> Tensor:
        return x.reshape(sizes)


class Until(nn.Module):
    """A loop that data ends."""

    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Linear(5, 5)

    def forward(self, x: Tensor) -> Tensor:
        rounds = 0
        while bool(x.norm() > 1) and rounds < 10:
            x = self.step(x) * 0.5
            rounds += 1
        return x


class Counts(nn.Module):
    """Writes on itself at every call."""

    calls: int

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.register_buffer("mean", torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.mean.mul_(0.9).add_(x.mean(0), alpha=0.1)
        return x - self.mean


class Forked(nn.Module):
    """Two tasks at once."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Linear(3, 4)
        self.right = nn.Linear(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        task = torch.jit.fork(self.left, x)
        left = torch.jit.wait(task)
        return self.right(x) + left


class Skips(nn.Module):
    """Both sides of a branch on data take the same."""

    def __init__(self) -> None:
        super().__init__()
        self.many = nn.Linear(6, 3)
        self.few = nn.Linear(6, 3)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        if bool(mask.any()):
            return self.many(x) * mask.unsqueeze(-1)
        return self.few(x)


class Selected(nn.Module):
    """Rows under a mask of bools."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        return self.head(x[keep])


class Quiet(nn.Module):
    """Warns, prints, and works without gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        warnings.warn("scripted models return this", stacklevel=1)
        print("rows", x.size(0))
        with torch.no_grad():
            out = self.head(x)
        return out


class Cut(nn.Module):
    """A list is made of what data says, and what either side of a branch puts into one is one item."""

    def forward(self, x: Tensor, lengths: Tensor) -> list[Tensor]:
        cuts: list[int] = []
        for i in range(lengths.size(0)):
            cuts.append(int(lengths[i]))
        parts = list(torch.split(x, cuts))
        ends = [x.sum(0)]
        if bool(lengths.sum() > 0):
            ends.append(x.sum(0) + 1)
        else:
            ends.append(x.sum(0) - 1)
        parts.append(torch.stack(ends).view(2, -1))
        return parts
