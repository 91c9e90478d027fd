"""A classifier that stops at the first head that is confident enough."""

import torch
from torch import nn

INPUTS = ["x=f32[B:1..4,8]"]


class EarlyExit(nn.Module):
    def __init__(self, threshold: float = 0.9) -> None:
        super().__init__()
        self.threshold = threshold
        self.stages = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))
        self.heads = nn.ModuleList(nn.Linear(8, 4) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for stage, head in zip(self.stages, self.heads, strict=True):
            x = torch.relu(stage(x))
            scores = head(x)
            if scores.softmax(-1).max() > self.threshold:  # diverges
                return scores
        return scores


def build() -> nn.Module:
    torch.manual_seed(0)
    return EarlyExit().eval()


def example_inputs() -> tuple[torch.Tensor, ...]:
    return (torch.ones(2, 8) * 0.1,)
