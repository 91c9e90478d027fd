"""Tiny detection head with a pure PyTorch greedy NMS written as a loop over the remaining candidates."""

from typing import Tuple

import torch
from torch import Tensor, nn

INPUTS = ["feature=f32[10,16]", "anchors=f32[10,4]{0..20}"]


def box_area(boxes: Tensor) -> Tensor:
    return (boxes[:, 2] - boxes[:, 0]).clamp(min=0) * (boxes[:, 3] - boxes[:, 1]).clamp(min=0)


def box_iou(a: Tensor, b: Tensor) -> Tensor:
    lt = torch.max(a[:, None, :2], b[:, :2])
    rb = torch.min(a[:, None, 2:], b[:, 2:])
    wh = (rb - lt).clamp(min=0)
    inter = wh[..., 0] * wh[..., 1]
    return inter / (box_area(a)[:, None] + box_area(b) - inter + 1e-6)


def nms(boxes: Tensor, scores: Tensor, thresh: float) -> Tensor:
    order = scores.argsort(descending=True)
    keep = []
    while order.numel() > 0:  # diverges
        head, rest = order[:1], order[1:]
        keep.append(head)
        ious = box_iou(boxes[head], boxes[rest])[0]
        order = rest[ious <= thresh]
    return torch.cat(keep)


class DetHead(nn.Module):
    def __init__(self, dim: int = 16, nms_thresh: float = 0.3):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(inplace=True))
        self.cls_logits = nn.Linear(dim, 1)
        self.bbox_pred = nn.Linear(dim, 4)
        self.nms_thresh = nms_thresh

    def decode(self, deltas: Tensor, anchors: Tensor) -> Tensor:
        xy = anchors[:, :2] + 0.5 * torch.tanh(deltas[:, :2])
        wh = anchors[:, 2:] * torch.exp(deltas[:, 2:].clamp(-1.0, 1.0))
        return torch.cat([xy, xy + wh], dim=1)

    def forward(self, feature: Tensor, anchors: Tensor) -> Tuple[Tensor, Tensor]:
        h = self.trunk(feature)
        scores = self.cls_logits(h).squeeze(1).sigmoid()
        boxes = self.decode(self.bbox_pred(h), anchors)
        keep = nms(boxes, scores, self.nms_thresh)
        return boxes[keep], scores[keep]


def build():
    torch.manual_seed(0)
    return DetHead().eval()


def example_inputs():
    g = torch.Generator().manual_seed(3)
    return (torch.randn(10, 16, generator=g), torch.rand(10, 4, generator=g) * 8)
