"""Falls back to a pseudo-inverse when a matrix is not positive definite."""

import torch
from torch import nn

INPUTS = ["m=f32[3,3]{-5..5}"]


class SafeInverse(nn.Module):
    def forward(self, m: torch.Tensor) -> torch.Tensor:
        try:  # diverges
            factor = torch.linalg.cholesky(m)  # diverges
        except torch.linalg.LinAlgError:  # diverges
            return torch.linalg.pinv(m) + 1.0  # diverges
        return torch.cholesky_inverse(factor)


def build() -> nn.Module:
    return SafeInverse()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.eye(3) * 2,)
