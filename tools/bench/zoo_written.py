"""Small models written as repositories write theirs, with the idioms that the three libraries lack.

Some branch on sizes or values, as their originals do: a trace of those is right for the example alone.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn


class DoubleConv(nn.Sequential):
    def __init__(self, inner: int, outer: int) -> None:
        super().__init__(nn.Conv2d(inner, outer, 3, padding=1), nn.BatchNorm2d(outer), nn.ReLU(inplace=True))


class UNet(nn.Module):
    """Pads what comes up to what was skipped, by the difference of their sizes."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.inc = DoubleConv(3, width)
        self.downs = nn.ModuleList(DoubleConv(width * 2**i, width * 2 ** (i + 1)) for i in range(2))
        self.ups = nn.ModuleList(DoubleConv(width * 3 * 2**i, width * 2**i) for i in reversed(range(2)))
        self.out = nn.Conv2d(width, 2, 1)

    def forward(self, x):
        skips = [self.inc(x)]
        for down in self.downs:
            skips.append(down(F.max_pool2d(skips[-1], 2)))
        x = skips.pop()
        for up in self.ups:
            skip = skips.pop()
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
            dy, dx = skip.size(2) - x.size(2), skip.size(3) - x.size(3)
            x = F.pad(x, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
            x = up(torch.cat([skip, x], dim=1))
        return self.out(x)


class HifiGan(nn.Module):
    """Sums residual blocks into a variable that starts as None, with weights normalised anew in each call."""

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        self.pre = nn.utils.parametrizations.weight_norm(nn.Conv1d(8, channels, 7, padding=3))
        self.ups, self.blocks, self.kernels = nn.ModuleList(), nn.ModuleList(), (3, 5)
        for i in range(2):
            half = channels // 2 ** (i + 1)
            self.ups.append(nn.ConvTranspose1d(half * 2, half, 4, 2, padding=1))
            self.blocks.extend(nn.Conv1d(half, half, k, padding=k // 2) for k in self.kernels)
        self.post = nn.Conv1d(channels // 4, 1, 7, padding=3)

    def forward(self, x):
        x = self.pre(x)
        for i, up in enumerate(self.ups):
            x = up(F.leaky_relu(x, 0.1))
            total = None
            for j in range(len(self.kernels)):
                y = x + self.blocks[i * len(self.kernels) + j](F.leaky_relu(x, 0.1))
                total = y if total is None else total + y
            x = total / len(self.kernels)
        return torch.tanh(self.post(F.leaky_relu(x)))


class Transducer(nn.Module):
    """A recurrent transducer: an encoder over packed sequences, a prediction net, and their joint."""

    def __init__(self, width: int = 16, vocabulary: int = 12) -> None:
        super().__init__()
        self.encoder = nn.LSTM(8, width, batch_first=True, bidirectional=True)
        self.project = nn.Linear(2 * width, width)
        self.embed = nn.Embedding(vocabulary, width, padding_idx=0)
        self.predict = nn.GRU(width, width, batch_first=True)
        self.joint = nn.Linear(width, vocabulary)

    def forward(self, features, labels):
        encoded = self.project(self.encoder(features)[0])
        predicted, _ = self.predict(F.pad(self.embed(labels), (0, 0, 1, 0)))
        return self.joint(torch.tanh(encoded.unsqueeze(2) + predicted.unsqueeze(1))).log_softmax(-1)


class YoloHead(nn.Module):
    """Keeps the grid of each level from call to call, and makes it anew where the size has changed."""

    def __init__(self, classes: int = 3, channels: tuple[int, ...] = (8, 16)) -> None:
        super().__init__()
        self.outputs, self.strides = classes + 5, (8.0, 16.0)
        self.register_buffer("anchors", torch.tensor([[[10.0, 13], [16, 30]], [[30, 61], [62, 45]]]))
        self.grid = [torch.empty(0) for _ in channels]
        self.stem = nn.Conv2d(3, 8, 3, stride=8, padding=1)
        self.down = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.heads = nn.ModuleList(nn.Conv2d(each, self.outputs * 2, 1) for each in channels)

    def forward(self, image):
        first = F.silu(self.stem(image))
        found = []
        for i, level in enumerate((first, F.silu(self.down(first)))):
            x = self.heads[i](level)
            bs, _, ny, nx = x.shape
            x = x.view(bs, 2, self.outputs, ny, nx).permute(0, 1, 3, 4, 2).contiguous()
            if self.grid[i].shape[2:4] != x.shape[2:4]:
                ys, xs = torch.meshgrid(torch.arange(ny), torch.arange(nx), indexing="ij")
                self.grid[i] = torch.stack((xs, ys), 2).expand(1, 1, ny, nx, 2).float()
            y = x.sigmoid()
            xy = (y[..., 0:2] * 2 - 0.5 + self.grid[i]) * self.strides[i]
            wh = (y[..., 2:4] * 2) ** 2 * self.anchors[i].view(1, 2, 1, 1, 2)
            found.append(torch.cat((xy, wh, y[..., 4:]), -1).view(bs, -1, self.outputs))
        return torch.cat(found, 1)


class Detr(nn.Module):
    """Queries over an image, and a dict of classes and boxes with the outputs of the layers before."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, width, 8, stride=8), nn.ReLU())
        self.transformer = nn.Transformer(width, 2, 1, 2, 32, batch_first=True)
        self.queries = nn.Embedding(5, width)
        self.row, self.column = nn.Parameter(torch.rand(50, width // 2)), nn.Parameter(torch.rand(50, width // 2))
        self.classes, self.boxes = nn.Linear(width, 4), nn.Linear(width, 4)

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        h = self.backbone(image)
        height, width = h.shape[-2:]
        position = torch.cat([
            self.column[:width].unsqueeze(0).repeat(height, 1, 1),
            self.row[:height].unsqueeze(1).repeat(1, width, 1),
        ], dim=-1).flatten(0, 1)
        queries = self.queries.weight.unsqueeze(0).repeat(image.shape[0], 1, 1)
        h = self.transformer(position + h.flatten(2).permute(0, 2, 1), queries)
        return {"pred_logits": self.classes(h), "pred_boxes": self.boxes(h).sigmoid()}


class PointNet(nn.Module):
    """Farthest points, their neighbours, and the largest of their features."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.align = nn.Linear(3, 9)
        self.features = nn.Sequential(nn.Conv1d(3, width, 1), nn.BatchNorm1d(width), nn.ReLU())
        self.head = nn.Linear(width, 4)

    def forward(self, points):
        batch, count, _ = points.shape
        turned = self.align(points.max(dim=1)[0]).view(-1, 3, 3) + torch.eye(3).view(1, 9).repeat(batch, 1).view(-1, 3, 3)
        points = torch.bmm(points, turned)
        distance, farthest, chosen = torch.full((batch, count), 1e10), torch.zeros(batch, dtype=torch.long), []
        for _ in range(4):
            chosen.append(farthest)
            center = points[torch.arange(batch), farthest].unsqueeze(1)
            distance = torch.minimum(distance, ((points - center) ** 2).sum(-1))
            farthest = distance.max(-1)[1]
        index = torch.stack(chosen, 1).unsqueeze(-1).expand(-1, -1, 3)
        x = self.features(torch.gather(points, 1, index).transpose(1, 2))
        return self.head(torch.max(x, 2)[0])


class GraphConv(nn.Module):
    """Sums over edges, normalised by degrees; as many nodes as the largest index says where nobody says."""

    def __init__(self, inner: int = 6, outer: int = 8) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(inner, outer), nn.Linear(outer, 3)

    def forward(self, x, edge_index):
        for layer in (self.first, self.second):
            row, col = edge_index[0], edge_index[1]
            degree = torch.zeros(x.size(0)).scatter_add_(0, row, torch.ones(row.size(0)))
            scale = degree.pow(-0.5)
            scale[scale == float("inf")] = 0
            message = layer(x)[row] * (scale[row] * scale[col]).unsqueeze(-1)
            x = torch.zeros(x.size(0), message.size(1)).index_add_(0, col, message)
        return x.log_softmax(dim=-1)


class Vae(nn.Module):
    """Draws in training only."""

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        self.encode, self.mean, self.deviation = nn.Linear(20, width), nn.Linear(width, 4), nn.Linear(width, 4)
        self.decode = nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 20), nn.Sigmoid())

    def reparameterize(self, mean, log_variance):
        if not self.training:
            return mean
        return mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)

    def forward(self, x):
        h = F.relu(self.encode(x.view(-1, 20)))
        mean, log_variance = self.mean(h), self.deviation(h)
        return self.decode(self.reparameterize(mean, log_variance)), mean, log_variance


def timestep_embedding(timesteps, dim, max_period=10000):
    half = dim // 2
    frequencies = torch.exp(-math.log(max_period) * torch.arange(0, half, dtype=torch.float32) / half)
    angles = timesteps[:, None].float() * frequencies[None].to(timesteps.device)
    embedding = torch.cat([torch.cos(angles), torch.sin(angles)], dim=-1)
    if dim % 2:
        embedding = torch.cat([embedding, torch.zeros_like(embedding[:, :1])], dim=-1)
    return embedding


class DiffusionUNet(nn.Module):
    """A timestep as a number or a tensor, skips by list, attention at the lowest resolution."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.width, self.time = width, nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.inc, self.down = nn.Conv2d(3, width, 3, padding=1), nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.norm, self.qkv, self.project = nn.GroupNorm(4, width), nn.Conv1d(width, 3 * width, 1), nn.Conv1d(width, width, 1)
        self.out = nn.Conv2d(2 * width, 3, 3, padding=1)

    def attend(self, x):
        b, c, *spatial = x.shape
        flat = x.reshape(b, c, -1)
        q, k, v = self.qkv(self.norm(flat)).chunk(3, dim=1)
        weight = torch.softmax(torch.einsum("bct,bcs->bts", q / math.sqrt(c), k), dim=-1)
        return (flat + self.project(torch.einsum("bts,bcs->bct", weight, v))).reshape(b, c, *spatial)

    def forward(self, sample, timesteps):
        if not torch.is_tensor(timesteps):
            timesteps = torch.tensor([timesteps], dtype=torch.long)
        elif timesteps.dim() == 0:
            timesteps = timesteps[None]
        time = self.time(timestep_embedding(timesteps.expand(sample.shape[0]), self.width))
        skip = self.inc(sample)
        x = self.attend(self.down(F.silu(skip)) + time[:, :, None, None])
        if any(size % 2 for size in sample.shape[-2:]):
            x = F.interpolate(x, size=skip.shape[2:], mode="nearest")
        else:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return self.out(torch.cat([x, skip], dim=1))


class MixtureOfExperts(nn.Module):
    """Each token goes to two of the experts; an expert that no token chose is skipped."""

    def __init__(self, width: int = 8, experts: int = 4) -> None:
        super().__init__()
        self.gate = nn.Linear(width, experts, bias=False)
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(width, 16), nn.GELU(), nn.Linear(16, width)) for _ in range(experts))

    def forward(self, hidden):
        flat = hidden.view(-1, hidden.shape[-1])
        weights, chosen = torch.topk(F.softmax(self.gate(flat), dim=1), 2, dim=-1)
        weights = weights / weights.sum(dim=-1, keepdim=True)
        out = torch.zeros_like(flat)
        mask = F.one_hot(chosen, len(self.experts)).permute(2, 1, 0)
        for i, expert in enumerate(self.experts):
            rank, token = torch.where(mask[i])
            if token.shape[0] == 0:
                continue
            out.index_add_(0, token, expert(flat[token]) * weights[token, rank, None])
        return out.view_as(hidden)


class CachedGpt(nn.Module):
    """One step of a decoder, with the keys and values of the steps before as an input."""

    def __init__(self, width: int = 16, heads: int = 2, vocabulary: int = 30) -> None:
        super().__init__()
        self.heads, self.embed, self.position = heads, nn.Embedding(vocabulary, width), nn.Embedding(32, width)
        self.qkv, self.norm, self.head = nn.Linear(width, 3 * width), nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        self.register_buffer("bias", torch.tril(torch.ones(32, 32)).view(1, 1, 32, 32))

    def forward(self, ids, past_key, past_value):
        b, t = ids.size()
        past = past_key.size(-2)
        assert past + t <= 32, "the sequence is longer than the block"
        x = self.embed(ids) + self.position(torch.arange(past, past + t, device=ids.device))
        q, k, v = (y.view(b, t, self.heads, -1).transpose(1, 2) for y in self.qkv(self.norm(x)).chunk(3, -1))
        k, v = torch.cat([past_key, k], -2), torch.cat([past_value, v], -2)
        weight = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        weight = weight.masked_fill(self.bias[:, :, past : past + t, : past + t] == 0, float("-inf"))
        y = (weight.softmax(-1) @ v).transpose(1, 2).contiguous().view(b, t, -1)
        return self.head(x + y), (k, v)


class RelativeEncoder(nn.Module):
    """Attention with buckets of relative positions, and a mask that is skipped where nothing is masked."""

    def __init__(self, width: int = 16, heads: int = 2, buckets: int = 8) -> None:
        super().__init__()
        self.heads, self.buckets = heads, buckets
        self.embed, self.bias = nn.Embedding(40, width), nn.Embedding(buckets, heads)
        self.qkv, self.out, self.scale = nn.Linear(width, 3 * width), nn.Linear(width, width), nn.Parameter(torch.ones(width))

    def bucket(self, relative):
        half = self.buckets // 2
        found = (relative > 0).long() * half
        distance = relative.abs()
        far = half // 2 + (torch.log(distance.float() / (half // 2)) / math.log(8) * (half // 2)).long()
        return found + torch.where(distance < half // 2, distance, far.clamp(max=half - 1))

    def forward(self, ids, mask=None):
        b, t = ids.shape
        x = self.embed(ids)
        x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.scale
        places = torch.arange(t)
        bias = self.bias(self.bucket(places[None, :] - places[:, None])).permute(2, 0, 1).unsqueeze(0)
        if mask is not None and not mask.all():
            bias = bias + (1.0 - mask[:, None, None, :].to(bias.dtype)) * torch.finfo(bias.dtype).min
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return self.out(F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=1.0).transpose(1, 2).reshape(b, t, -1))


class WindowedEncoder(nn.Module):
    """Attention within windows: what is no multiple of a window is padded, and what was padded is cut off."""

    def __init__(self, width: int = 8, window: int = 4) -> None:
        super().__init__()
        self.window, self.embed = window, nn.Conv2d(3, width, 2, stride=2)
        self.attention, self.norm = nn.MultiheadAttention(width, 2, batch_first=True), nn.LayerNorm(width)

    def forward(self, image):
        x = self.embed(image).permute(0, 2, 3, 1)
        b, h, w, c = x.shape
        size = self.window
        right, below = (size - w % size) % size, (size - h % size) % size
        if right > 0 or below > 0:
            x = F.pad(x, (0, 0, 0, right, 0, below))
        tall, wide = x.shape[1] // size, x.shape[2] // size
        x = x.view(b, tall, size, wide, size, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, size * size, c)
        x = x + self.attention(self.norm(x), self.norm(x), self.norm(x), need_weights=False)[0]
        x = x.view(b, tall, wide, size, size, c).permute(0, 1, 3, 2, 4, 5).reshape(b, tall * size, wide * size, c)
        return x[:, :h, :w, :].mean((1, 2))


class SpeechEncoder(nn.Module):
    """Strided convolutions over a wave, and a mask made of lengths that the model computes itself."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.kernels, self.strides = (10, 3), (5, 2)
        self.convs = nn.ModuleList(nn.Conv1d(1 if i == 0 else width, width, k, s) for i, (k, s) in enumerate(zip(self.kernels, self.strides, strict=True)))
        self.layer = nn.TransformerEncoderLayer(width, 2, 32, batch_first=True)

    def lengths(self, count):
        for kernel, stride in zip(self.kernels, self.strides, strict=True):
            count = torch.div(count - kernel, stride, rounding_mode="floor") + 1
        return count

    def forward(self, wave, lengths):
        x = wave.unsqueeze(1)
        for conv in self.convs:
            x = F.gelu(conv(x))
        x = x.transpose(1, 2)
        padded = torch.arange(x.shape[1])[None, :] >= self.lengths(lengths)[:, None]
        x = self.layer(x, src_key_padding_mask=padded)
        x = x.masked_fill(padded.unsqueeze(-1), 0.0)
        return x.sum(1) / (~padded).sum(1, keepdim=True).clamp(min=1)
