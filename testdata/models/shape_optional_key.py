"""A batch whose mask may be missing."""

import torch
from torch import nn

INPUTS = ["batch={x,mask?}", "batch.mask=f32[4]"]


class MaybeMasked(nn.Module):
    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        x = batch["x"]
        if "mask" in batch:  # diverges
            x = x * batch["mask"]
        return x.sum()


def build() -> nn.Module:
    return MaybeMasked()


def example_inputs() -> tuple[object, ...]:
    return ({"x": torch.arange(4.0)},)
