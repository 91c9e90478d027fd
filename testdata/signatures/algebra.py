"""Matrices, views, indices, broadcasts: one operator decides each."""

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name
from torch import Tensor, nn


class Vector(nn.Module):
    """A matrix times a vector."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(3, 20))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight.mv(x)


class Matrix(nn.Module):
    """`mm` takes matrices only."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(9, 3))

    def forward(self, x: Tensor) -> Tensor:
        return torch.mm(x, self.weight)


class Batches(nn.Module):
    """Two batches of matrices that fit each other."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.bmm(a, b)


class Contraction(nn.Module):
    """`einsum` with a learned tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(5, 6, 7))

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum("nij,ijk->nk", x, self.weight)


class Wide(nn.Module):
    """Two towers of different widths, joined."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Linear(12, 3)
        self.right = nn.Linear(4, 3)
        self.join = nn.Bilinear(3, 3, 2)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.join(self.left(a), self.right(b))


class Viewed(nn.Module):
    """A view with constants."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x.view(x.size(0), 3, 4)).flatten(1)


class Joined(nn.Module):
    """Side by side, then one width."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(10, 2)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.head(torch.cat([a, b], -1))


class Column(nn.Module):
    """Reads the columns 2 and 5."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, 5] - x[:, 2]


class Pairs(nn.Module):
    """Elementwise on two inputs."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return (a - b).abs() / (a.abs() + b.abs() + 1)


class Square(nn.Module):
    """A determinant wants a square."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.det(x) + torch.linalg.solve(x, torch.ones_like(x)).sum()


class Gathered(nn.Module):
    """Rows of one input, picked by another."""

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        return torch.gather(x, 1, index)


class Chunks(nn.Module):
    """Three equal parts."""

    def forward(self, x: Tensor) -> Tensor:
        a, b, c = x.split(4, -1)
        return a * b + c


class Distances(nn.Module):
    """To learned points."""

    def __init__(self) -> None:
        super().__init__()
        self.points = nn.Parameter(torch.rand(5, 6))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cdist(x, self.points)


class Scaled(nn.Module):
    """Broadcasts against six learned numbers, with a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm([2, 6])

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x)


class Features(nn.Module):
    """Batch norm of a table or of a signal: two ranks are legal."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(6)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x)


class Normal(nn.Module):
    """`F.normalize` and a cosine to a learned direction."""

    def __init__(self) -> None:
        super().__init__()
        self.direction = nn.Parameter(torch.rand(11))

    def forward(self, x: Tensor) -> Tensor:
        return F.cosine_similarity(F.normalize(x, dim=-1), self.direction, dim=-1)


class Scalar(nn.Module):
    """One number."""

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 0:
            raise ValueError("expected one number")
        return x * 2


class Guarded(nn.Module):
    """Checks its input by itself."""

    def forward(self, x: Tensor) -> Tensor:
        assert x.dim() == 2, "expected a table"
        assert x.size(1) == 7, "expected 7 columns"
        return x.cumsum(0)
