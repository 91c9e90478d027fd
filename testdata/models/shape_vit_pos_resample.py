"""ViT backbone (timm style) with position embeddings resampled when the grid differs from the pretrained one."""

from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

INPUTS = ["image=f32[B:1..2,3,H:8..24,W:8..24]"]


class PatchEmbed(nn.Module):
    def __init__(self, patch=4, dim=8):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)

    def forward(self, x):
        return self.proj(x).permute(0, 2, 3, 1)


def resample_abs_pos_embed(pos, new_size, old=(4, 4)):
    if pos.shape[1] == new_size[0] * new_size[1] and new_size[0] == new_size[1]:  # diverges
        return pos
    grid = pos.reshape(1, *old, -1).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, size=new_size, mode="bilinear", align_corners=False)
    return grid.flatten(2).transpose(1, 2)


class Block(nn.Module):
    def __init__(self, dim, norm_layer=partial(nn.LayerNorm, eps=1e-6)):
        super().__init__()
        self.norm = norm_layer(dim)
        self.token_mix = nn.Linear(dim, dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x):
        gate = torch.sigmoid(self.token_mix(x.mean(1, keepdim=True)))
        return x + self.mlp(self.norm(x)) * gate


class VisionTransformer(nn.Module):
    def __init__(self, dim=8, depth=2):
        super().__init__()
        self.patch_embed = PatchEmbed(dim=dim)
        self.pos_embed = nn.Parameter(torch.randn(1, 16, dim))
        self.blocks = nn.Sequential(*[Block(dim) for _ in range(depth)])
        self.head = nn.Linear(dim, 5)

    def forward(self, image):
        x = self.patch_embed(image)
        pos = resample_abs_pos_embed(self.pos_embed, x.shape[1:3])
        x = self.blocks(x.flatten(1, 2) + pos)
        return self.head(x.mean(1))


def build():
    torch.manual_seed(0)
    return VisionTransformer().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(2, 3, 16, 16),)
