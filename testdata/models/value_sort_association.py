"""SORT style data association: greedy IoU matching of four tracks against five detections, then a blended box update."""

import torch
import torch.nn as nn

INPUTS = ["tracks=f32[4,4]{0..1}", "dets=f32[5,4]{0..1}"]


def cxcywh_to_xyxy(b):
    centre, half = b[:, :2], b[:, 2:] * 0.5 + 0.05
    return torch.cat((centre - half, centre + half), dim=1)


def pairwise_iou(a, b):
    lt = torch.maximum(a[:, None, :2], b[None, :, :2])
    rb = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = (rb - lt).clamp(min=0).prod(-1)
    area_a = (a[:, 2:] - a[:, :2]).prod(-1)
    area_b = (b[:, 2:] - b[:, :2]).prod(-1)
    return inter / (area_a[:, None] + area_b[None] - inter)


class GreedyAssociator(nn.Module):
    max_matches = 4

    def __init__(self, iou_threshold: float = 0.3, momentum: float = 0.7):
        super().__init__()
        self.iou_threshold = iou_threshold
        self.momentum = momentum
        self.refine = nn.Linear(4, 4)

    def associate(self, iou):
        assigned = torch.full((4,), -1, dtype=torch.long)
        rows, cols = torch.arange(4), torch.arange(5)
        for _ in range(self.max_matches):
            if iou.max() < self.iou_threshold:  # diverges
                break
            flat = iou.argmax()
            r, c = flat // 5, flat % 5
            assigned = torch.where(rows == r, c, assigned)
            taken = (rows == r)[:, None] | (cols == c)[None, :]
            iou = iou.masked_fill(taken, -1.0)
        return assigned

    def forward(self, tracks, dets):
        iou = pairwise_iou(cxcywh_to_xyxy(tracks), cxcywh_to_xyxy(dets))
        assigned = self.associate(iou)
        matched = dets[assigned.clamp(min=0)]
        blended = self.momentum * tracks + (1 - self.momentum) * matched
        new_tracks = torch.where((assigned >= 0)[:, None], blended, tracks)
        return new_tracks + 0.01 * self.refine(new_tracks), assigned


def build():
    torch.manual_seed(0)
    return GreedyAssociator().eval()


def example_inputs():
    tracks = torch.tensor([[0.2, 0.2, 0.2, 0.2], [0.8, 0.2, 0.2, 0.2], [0.2, 0.8, 0.2, 0.2], [0.8, 0.8, 0.2, 0.2]])
    dets = torch.tensor([[0.21, 0.2, 0.2, 0.2], [0.81, 0.2, 0.2, 0.2], [0.5, 0.5, 0.1, 0.1], [0.5, 0.1, 0, 0], [0.1, 0.5, 0, 0]])
    return tracks, dets
