"""Metric-style calibration head: input checks as in torchmetrics, "logits or probabilities?", safe renormalising."""

from typing import Optional

import torch
from torch import Tensor, nn

INPUTS = ["preds=f32[N:1..10,4]{0..1}", "target=i64[N]{0..3}"]


def _validate(preds: Tensor, target: Tensor, num_classes: int, ignore_index: Optional[int] = None) -> None:
    if preds.ndim != target.ndim + 1:
        raise ValueError("`preds` should have one dimension more than `target`")
    if preds.shape[0] != target.shape[0]:
        raise ValueError("The first dimension of `preds` and `target` should be equal")
    if not preds.is_floating_point():
        raise ValueError("If `preds` have one dimension more than `target`, `preds` should be a float tensor.")
    unique_values = torch.unique(target)
    check = len(unique_values) > (num_classes if ignore_index is None else num_classes + 1)
    if check:
        raise RuntimeError(f"Detected more unique values in `target` than expected: {unique_values.tolist()}")


def normalize_logits_if_needed(tensor: Tensor) -> Tensor:
    """Apply a softmax only if the values are outside [0, 1], i.e. never for probabilities."""
    if not torch.all((tensor >= 0) * (tensor <= 1)):
        tensor = tensor.softmax(dim=1)
    return tensor


def safe_normalise(p: Tensor) -> Tensor:
    p = p + 1e-3
    total = p.sum(dim=1, keepdim=True)
    if (total <= 0).any() or torch.isnan(total).any():
        return torch.full_like(p, 1.0 / p.shape[1])
    return p / total


class CalibrationHead(nn.Module):
    def __init__(self, num_classes=4, n_bins=5, temperature=1.7, validate_args=True):
        super().__init__()
        self.num_classes, self.validate_args = num_classes, validate_args
        self.register_buffer("edges", torch.linspace(0, 1, n_bins + 1))
        self.temperature = nn.Parameter(torch.tensor(temperature), requires_grad=False)

    def sharpen(self, p: Tensor) -> Tensor:
        if self.temperature.item() <= 0:
            raise ValueError("temperature must be positive")
        return p if self.temperature == 1 else safe_normalise(p.pow(1.0 / self.temperature))

    def forward(self, preds, target):
        if self.validate_args:
            _validate(preds, target, self.num_classes)
        p = self.sharpen(safe_normalise(normalize_logits_if_needed(preds)))
        conf, pred = p.max(dim=1)
        acc = pred.eq(target).to(p.dtype)
        bins = torch.bucketize(conf, self.edges[1:-1])
        n = self.edges.numel() - 1
        zeros = torch.zeros(n, dtype=p.dtype)
        count = zeros.scatter_add(0, bins, torch.ones_like(conf))
        gap = zeros.scatter_add(0, bins, conf) - zeros.scatter_add(0, bins, acc)
        ece = (gap / count.clamp(min=1)).abs() * count / count.sum()
        brier = (p - nn.functional.one_hot(target, self.num_classes)).pow(2).sum(1)
        return ece.sum(), brier, p


def build():
    torch.manual_seed(0)
    return CalibrationHead().eval()


def example_inputs():
    return torch.tensor([[0.7, 0.1, 0.1, 0.1], [0.2, 0.2, 0.5, 0.1], [0.0, 0.0, 0.0, 1.0]]), torch.tensor([0, 3, 3])
