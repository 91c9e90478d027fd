"""Models that are whole algorithms: decoding, clustering, matching, search."""

from typing import Any, Dict, List, NamedTuple, Optional
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
import geometry
from common import R, sample
from geometry import exists, rearrange_heads, smart_pad


@sample(lambda: (R(5, 4).abs().cumsum(1),), lambda: (torch.zeros(5, 4),))
class NmsKeep(nn.Module):
    THRESHOLD = 0.3

    def __init__(self, max_det=3):
        super().__init__()
        self.max_det = max_det

    def forward(self, boxes):
        scores = boxes.sum(1)
        order = scores.argsort(descending=True)
        keep: List[int] = []
        overlaps = geometry.iou(boxes, boxes)
        suppressed = [False] * len(boxes)
        for i in order.tolist():
            if suppressed[i]:
                continue
            keep.append(i)
            if len(keep) >= self.max_det:
                break
            for j in range(len(boxes)):
                if overlaps[i, j] > self.THRESHOLD:
                    suppressed[j] = True
        return (boxes[keep], torch.tensor(keep))


@sample(lambda: (R(1, 3, 8, 8),), lambda: (R(1, 3, 9, 11),), lambda: (R(1, 3, 16, 7),))
class PadUnpad(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        x, (ph, pw) = smart_pad(x, 4)
        y = self.conv(x)
        if ph > 0:
            y = y[..., :-ph, :]
        if pw > 0:
            y = y[..., :-pw]
        return y


@sample(
    lambda: (R(2, 6, 8),),
    lambda: (R(2, 6, 8), R(2, 6) > 0),
    lambda: (R(1, 3, 8), None),
    lambda: (R(1, 3, 8), torch.zeros(1, 3).bool()),
    shown=True,
)
class HeadsAttn(nn.Module):
    def __init__(self, dim=8, heads=2, causal=True):
        super().__init__()
        self.heads = heads
        self.causal = causal
        self.scale = (dim // heads) ** (-0.5)
        self.to_qkv = nn.Linear(dim, dim * 3, bias=False)
        self.out = nn.Linear(dim, dim)

    def forward(self, x, mask=None):
        q, k, v = map(lambda t: rearrange_heads(t, self.heads), self.to_qkv(x).chunk(3, dim=-1))
        sim = torch.einsum("bhid,bhjd->bhij", q, k) * self.scale
        neg = -torch.finfo(sim.dtype).max
        if exists(mask):
            if not mask.any():
                return x
            sim = sim.masked_fill(~mask[:, None, None, :], neg)
        if self.causal:
            i, j = sim.shape[-2:]
            sim = sim.masked_fill(torch.ones((i, j), dtype=torch.bool).triu(j - i + 1), neg)
        out = torch.einsum("bhij,bhjd->bhid", sim.softmax(-1), v)
        return self.out(out.permute(0, 2, 1, 3).flatten(2))


class Out(NamedTuple):
    loss: Optional[torch.Tensor]
    logits: torch.Tensor


@sample(
    lambda: (R(4, 3),), lambda: (R(4, 3), torch.tensor([0, 1, 2, -100])), lambda: (R(4, 3), torch.full((4,), -100)), shown=True
)
class LossHead(nn.Module):
    ignore = -100

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x, labels: Optional[torch.Tensor] = None):
        logits = self.fc(x)
        loss = None
        if labels is not None:
            valid = labels != self.ignore
            if valid.sum() == 0:
                loss = logits.sum() * 0.0
            else:
                loss = F.cross_entropy(logits[valid], labels[valid])
        return Out(loss, logits)


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) + 3,))
class GenTok(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(6, 4)
        self.head = nn.Linear(4, 6)
        self.eos = 0
        self.max_len = 6

    def forward(self, h):
        tokens = [[] for _ in range(h.shape[0])]
        done = torch.zeros(h.shape[0], dtype=torch.bool)
        step = 0
        while not done.all() and step < self.max_len:
            nxt = self.head(h).argmax(-1)
            for b in range(h.shape[0]):
                if not done[b]:
                    tokens[b].append(int(nxt[b]))
            done |= nxt == self.eos
            h = h + self.emb(nxt)
            step += 1
        width = max((len(t) for t in tokens))
        return torch.tensor([t + [-1] * (width - len(t)) for t in tokens])


@sample(lambda: (R(6, 2),), lambda: (R(3, 2) * 3,), lambda: (R(1, 2),))
class Dbscan(nn.Module):
    def __init__(self, eps=0.9):
        super().__init__()
        self.eps = eps

    def forward(self, pts):
        n = pts.shape[0]
        d = torch.cdist(pts, pts)
        labels = [-1] * n
        cur = 0
        for i in range(n):
            if labels[i] != -1:
                continue
            stack = [i]
            while stack:
                k = stack.pop()
                if labels[k] == -1:
                    labels[k] = cur
                    stack.extend((j for j in range(n) if labels[j] == -1 and d[k, j] <= self.eps))
            cur += 1
        return (torch.tensor(labels), cur)


@sample(lambda: (torch.rand(4, 4),), lambda: (torch.rand(4, 4) * 0.1,), lambda: (torch.rand(2, 4),))
class Viterbi(nn.Module):
    def __init__(self):
        super().__init__()
        self.trans = nn.Parameter(torch.rand(4, 4))

    def forward(self, emis):
        score = emis[0]
        back = []
        for t in range(1, emis.size(0)):
            m = score.unsqueeze(1) + self.trans
            score, ptr = m.max(0)
            score = score + emis[t]
            back.append(ptr)
        best = int(score.argmax())
        path = [best]
        for ptr in reversed(back):
            best = int(ptr[best])
            path.append(best)
        path.reverse()
        return (torch.tensor(path), score.max())


@sample(lambda: (R(4, 3),), lambda: (R(4, 3) * 0.01,))
class Sinkhorn(nn.Module):
    def forward(self, c, eps=0.1, iters=50):
        K = torch.exp(-c / eps * 0.01)
        u = torch.ones(c.shape[0])
        v = torch.ones(c.shape[1])
        for i in range(iters):
            prev = u
            u = 1.0 / (K @ v)
            v = 1.0 / (K.t() @ u)
            err = (u - prev).abs().max().item()
            if err < 0.001:
                break
        return (u[:, None] * K * v, i)


@sample(lambda: (R(4),), lambda: (R(4) * 0,), lambda: (R(4) * 100,))
class Newton(nn.Module):
    def __init__(self, tol=0.001, max_iter=20):
        super().__init__()
        self.tol, self.max_iter = (tol, max_iter)

    def forward(self, a):
        a = a.abs() + 0.001
        x = a.clone()
        it = 0
        while True:
            nx = 0.5 * (x + a / x)
            it += 1
            if (nx - x).abs().max() < self.tol or it >= self.max_iter:
                return (nx, it)
            x = nx


@sample(lambda: (torch.tensor([3, 1, 2]),), lambda: (torch.tensor([5, 5]),), lambda: (torch.tensor([0]),))
class Collatz(nn.Module):
    def steps(self, n):
        count = 0
        while n > 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            count += 1
        return count

    def forward(self, x):
        return torch.tensor([self.steps(int(v)) for v in x])


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 3,))
class LoopTree(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = [0, 1, 2]
        self.t = [0.0, -0.5, 0.5]
        self.kids = {0: (1, 2), 1: (3, 4), 2: (5, 6)}
        self.leaf = [0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0]

    def forward(self, x):
        out = []
        for row in x:
            node = 0
            while node in self.kids:
                l, r = self.kids[node]
                node = l if row[self.f[node]] <= self.t[node] else r
            out.append(self.leaf[node])
        return torch.tensor(out)


class Tree:
    def __init__(self, thr, left=None, right=None, val=None):
        self.thr, self.left, self.right, self.val = (thr, left, right, val)

    def is_leaf(self):
        return self.val is not None


@sample(lambda: (R(3),), lambda: (R(3) * 2,))
class DecisionTree(nn.Module):
    def __init__(self):
        super().__init__()
        self.root = Tree(0.0, Tree(-1.0, Tree(0, val=1.0), Tree(0, val=2.0)), Tree(1.0, Tree(0, val=3.0), Tree(0, val=4.0)))

    def walk(self, node, v):
        if node.is_leaf():
            return node.val
        return self.walk(node.left if v < node.thr else node.right, v)

    def forward(self, x):
        return torch.tensor([self.walk(self.root, float(v)) for v in x])


@sample(lambda: (torch.rand(2, 3, 6, 6),), lambda: (torch.rand(2, 3, 5, 9) * 0.3,), lambda: (torch.rand(1, 3, 12, 4),))
class Letterbox(nn.Module):
    def __init__(self, size=8):
        super().__init__()
        self.size = size

    def forward(self, img):
        *_, h, w = img.shape
        r = min(self.size / h, self.size / w)
        nh, nw = (int(round(h * r)), int(round(w * r)))
        if (nh, nw) != (h, w):
            img = F.interpolate(img, size=(nh, nw), mode="bilinear", align_corners=False)
        top, left = ((self.size - nh) // 2, (self.size - nw) // 2)
        canvas = img.new_full((img.shape[0], 3, self.size, self.size), 0.5 if img.mean() > 0.4 else 0.0)
        canvas[:, :, top : top + nh, left : left + nw] = img
        return (canvas, (r, (top, left)))


class Expert(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.w = nn.Parameter(torch.randn(d, d) * 0.1 * (k + 1))
        self.k = k

    def forward(self, x, *, gain=1.0):
        return x @ self.w * gain


@sample(lambda: (R(5, 4),), lambda: (R(5, 4) + 2,), lambda: (R(1, 4),))
class MoE2(nn.Module):
    def __init__(self):
        super().__init__()
        self.experts = nn.ModuleList((Expert(4, k) for k in range(3)))
        self.router = nn.Linear(4, 3)
        self.usage = [0, 0, 0]

    def forward(self, x):
        choice = self.router(x).argmax(-1)
        out = torch.empty_like(x)
        for e in sorted(set(choice.tolist())):
            sel = choice == e
            out[sel] = self.experts[e](x[sel], gain=1.0 + 0.1 * e)
            self.usage[e] += int(sel.sum())
        return (out, torch.tensor(self.usage))


@sample(lambda: (R(3, 4),), lambda: ([R(3, 4), R(3, 4)],), lambda: ((R(3, 4),),), shown=True)
class AnyInput(nn.Module):
    def forward(self, x):
        if isinstance(x, torch.Tensor):
            xs = [x]
        elif isinstance(x, (list, tuple)):
            xs = list(x)
        else:
            raise TypeError(type(x).__name__)
        return torch.cat(xs, 0)


@sample(lambda: (R(3), R(3)), lambda: (R(3), R(3), R(3)), lambda: (R(3),), shown=True)
class VarArgs(nn.Module):
    def forward(self, *tensors):
        first, *rest = tensors
        for r in rest:
            first = first + r if r.sum() > 0 else first - r
        return first / len(tensors)


@sample(
    lambda: ({"x": R(2, 3), "meta": {"scale": torch.tensor(2.0)}},),
    lambda: ({"x": R(2, 3) * 3, "meta": {"scale": torch.tensor(-1.0)}},),
)
class NestedDict(nn.Module):
    def forward(self, batch: Dict[str, Any]):
        x, s = (batch["x"], batch["meta"]["scale"])
        return x * s if s > 0 else x


@sample(lambda: (R(8),), lambda: (R(5),), lambda: (R(1),))
class Pyramid(nn.Module):
    def build(self, x, depth=0):
        if x.numel() <= 1 or depth >= 3:
            return [x]
        return [x] + self.build(x[::2], depth + 1)

    def forward(self, x):
        levels = self.build(x)
        return (sum((l.sum() / 2**i for i, l in enumerate(levels))), len(levels))


@sample(lambda: (torch.rand(2, 4),), lambda: (torch.rand(2, 4) * 0,))
class Norm0(nn.Module):
    def forward(self, x):
        s = x.sum(-1, keepdim=True)
        if not s.all():
            s = torch.where(s == 0, torch.ones_like(s), s)
        y = x / s
        best = [int(r.argmax()) if r.any() else None for r in y]
        picked = [b for b in best if b is not None]
        return (y, len(picked), sum(picked))


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 9,))
class AssertMsg(nn.Module):
    def forward(self, x):
        assert x.ndim == 2, f"expected 2-d, got {x.ndim}"
        if not torch.isfinite(x).all():
            raise ValueError("bad")
        n = x.norm(dim=1, keepdim=True)
        bad = (n > 8).squeeze(1).nonzero().flatten().tolist()
        for b in bad:
            x = torch.cat([x[:b], x[b : b + 1] / n[b], x[b + 1 :]])
        return x


class Up(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c * 2, c, 3, padding=1)

    def forward(self, x, skip):
        x = F.interpolate(x, scale_factor=2)
        dh, dw = (skip.size(2) - x.size(2), skip.size(3) - x.size(3))
        if dh != 0 or dw != 0:
            x = F.pad(x, [dw // 2, dw - dw // 2, dh // 2, dh - dh // 2])
        return self.conv(torch.cat([x, skip], 1))


@sample(lambda: (R(1, 2, 8, 8),), lambda: (R(1, 2, 9, 11),), lambda: (R(2, 2, 7, 6),))
class MiniUNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.downs = nn.ModuleList([nn.Conv2d(2, 2, 3, padding=1) for _ in range(2)])
        self.ups = nn.ModuleList([Up(2) for _ in range(2)])
        self.deep = True

    def forward(self, x):
        skips = []
        for d in self.downs:
            x = d(x).relu()
            skips.append(x)
            x = F.max_pool2d(x, 2)
        aux = []
        for up, s in zip(self.ups, reversed(skips)):
            x = up(x, s)
            if self.deep and x.mean() > 0:
                aux.append(x.mean())
        return (x, torch.stack(aux).sum() if aux else torch.zeros(()))
