"""Helper functions that sample models import."""

import torch

EPS = 1e-06


def box_area(b):
    return (b[:, 2] - b[:, 0]).clamp(min=0) * (b[:, 3] - b[:, 1]).clamp(min=0)


def iou(a, b):
    lt = torch.max(a[:, None, :2], b[:, :2])
    rb = torch.min(a[:, None, 2:], b[:, 2:])
    wh = (rb - lt).clamp(min=0)
    inter = wh[..., 0] * wh[..., 1]
    return inter / (box_area(a)[:, None] + box_area(b) - inter + EPS)


def smart_pad(x, multiple, *, mode="constant", value=0.0):
    h, w = x.shape[-2:]
    ph, pw = ((multiple - h % multiple) % multiple, (multiple - w % multiple) % multiple)
    if ph or pw:
        x = torch.nn.functional.pad(x, (0, pw, 0, ph), mode=mode, value=value)
    return (x, (ph, pw))


def rearrange_heads(x, heads):
    b, t, d = x.shape
    return x.reshape(b, t, heads, d // heads).permute(0, 2, 1, 3)


def exists(v):
    return v is not None
