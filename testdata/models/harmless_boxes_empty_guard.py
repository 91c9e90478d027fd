"""Post-processing of detections: box transforms with the customary early returns for empty input."""

from typing import Tuple

import torch
from torch import Tensor, nn

INPUTS = ["boxes=f32[N:0..8,4]{-50..200}", "logits=f32[N,5]{-20..20}"]


def clip_boxes_to_image(boxes: Tensor, size: Tuple[int, int]) -> Tensor:
    dim = boxes.dim()
    boxes_x, boxes_y = boxes[..., 0::2], boxes[..., 1::2]
    height, width = size
    clipped = torch.stack((boxes_x.clamp(min=0, max=width), boxes_y.clamp(min=0, max=height)), dim=dim)
    return clipped.reshape(boxes.shape)


def box_area(boxes: Tensor) -> Tensor:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def box_iou(a: Tensor, b: Tensor) -> Tensor:
    if a.numel() == 0 or b.numel() == 0:
        return a.new_zeros((a.shape[0], b.shape[0]))
    lt = torch.max(a[:, None, :2], b[None, :, :2])
    rb = torch.min(a[:, None, 2:], b[None, :, 2:])
    wh = (rb - lt).clamp(min=0)
    inter = wh[:, :, 0] * wh[:, :, 1]
    union = box_area(a)[:, None] + box_area(b)[None] - inter
    return inter / union.clamp(min=1e-6)


def order_corners(boxes: Tensor) -> Tensor:
    if not boxes.numel():
        return boxes
    return torch.cat([torch.minimum(boxes[:, :2], boxes[:, 2:]), torch.maximum(boxes[:, :2], boxes[:, 2:])], dim=1)


class PostProcess(nn.Module):
    """Soft suppression: the score of a box decays with its overlap with better boxes."""

    def __init__(self, size=(100, 120), sigma=0.5):
        super().__init__()
        self.size, self.sigma = size, sigma
        self.register_buffer("zoom", torch.tensor([1.5, 1.25, 1.5, 1.25]))

    def forward(self, boxes, logits):
        scores, labels = logits.softmax(-1)[:, :-1].max(dim=-1)
        boxes = clip_boxes_to_image(order_corners(boxes), self.size)
        if boxes.shape[0] > 0:
            worst = float(box_area(boxes).min())
            assert worst >= 0, worst
        iou = box_iou(boxes, boxes)
        better = scores[None, :] > scores[:, None]
        decay = torch.where(better, torch.exp(-(iou ** 2) / self.sigma), torch.ones_like(iou)).prod(dim=1)
        if len(self.zoom) and self.zoom.ne(1).any():
            boxes = boxes * self.zoom
        return boxes, scores * decay, labels


def build():
    torch.manual_seed(0)
    return PostProcess().eval()


def example_inputs():
    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [2.0, 1.0, 11.0, 9.0], [90.0, 80.0, 60.0, 70.0]])
    return boxes, torch.linspace(-2, 2, 15).view(3, 5)
