"""Models that look at pictures: convolutions, pools, norms, patches, lists of pictures."""

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name
from torch import Tensor, nn


class Flat(nn.Module):
    """A linear layer over all pixels: height and width are fixed."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4 * 6 * 6, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.flatten(self.conv(x).relu(), 1))


class Pooled(nn.Module):
    """A global pool: any picture that the kernel fits into."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU6(), nn.Conv2d(8, 8, 3, groups=8))
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x).mean([2, 3]))


class Halves(nn.Module):
    """Down by two and up again, joined with what was there: sizes come in steps of two."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(2, 4, 2, stride=2)
        self.up = nn.ConvTranspose2d(4, 2, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.up(self.down(x))], 1)


class Patches(nn.Module):
    """Patches with a learned position each: one size of picture."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 4, stride=4)
        self.position = nn.Parameter(torch.rand(1, 16, 8))

    def forward(self, x: Tensor) -> Tensor:
        return self.patch(x).flatten(2).transpose(1, 2) + self.position


class OneOrMany(nn.Module):
    """A branch on the rank: one picture becomes a batch of one."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() == 3:
            x = x.unsqueeze(0)
        return self.conv(x)


class GreyOrColoured(nn.Module):
    """One channel or three, told apart by the model itself."""

    def __init__(self) -> None:
        super().__init__()
        self.grey = nn.Conv2d(1, 4, 3)
        self.coloured = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 4:
            raise ValueError("expected a batch")
        if x.shape[1] == 1:
            return torch.nn.functional.gelu(self.grey(x))
        return torch.nn.functional.gelu(self.coloured(x))


class BytesLast(nn.Module):
    """Bytes with the channels behind, which a mean of three channels is taken from."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.rand(3))

    def forward(self, x: Tensor) -> Tensor:
        assert x.dtype == torch.uint8, "expected bytes"
        return x.permute(0, 3, 1, 2) - self.mean.view(1, 3, 1, 1)


class Layers(nn.Module):
    """A loop over submodules, and a branch on data between two of them."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(1, 2, 1), nn.Conv2d(2, 3, 1), nn.Conv2d(3, 1, 1)])
        self.bright = nn.Conv2d(1, 2, 1)
        self.dark = nn.Conv2d(1, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return self.bright(x) if bool(x.mean() > 0) else self.dark(x)


class Shuffled(nn.Module):
    """Channels become pixels, then pixels are resized."""

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(F.pixel_shuffle(x, 2), scale_factor=2.0)


class Norms(nn.Module):
    """Group and instance norms over six channels."""

    def __init__(self) -> None:
        super().__init__()
        self.group = nn.GroupNorm(3, 6)
        self.instance = nn.InstanceNorm2d(6, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.instance(self.group(x))


class Segmenter(nn.Module):
    """A dict of maps as large as the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.head = nn.Conv2d(4, 5, 1)
        self.other = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        features = self.body(x)
        size = x.shape[-2:]
        return {
            "out": F.interpolate(self.head(features), size=size, mode="bilinear", align_corners=False),
            "aux": self.other(features),
        }


class Detector(nn.Module):
    """A list of pictures of different sizes, padded into one batch."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, images: list[Tensor]) -> list[Tensor]:
        height = 0
        width = 0
        for image in images:
            if image.dim() != 3:
                raise ValueError("images is expected to be a list of 3d tensors")
            height = max(height, image.size(1))
            width = max(width, image.size(2))
        batch = torch.zeros(len(images), 3, height, width)
        for index, image in enumerate(images):
            batch[index, :, : image.size(1), : image.size(2)].copy_(image)
        return [row for row in self.conv(batch)]


class Bytes(nn.Module):
    """Pixels as bytes, scaled here."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.to(torch.float32).div(255.0).sub(0.5))


class Warp(nn.Module):
    """A picture and a grid that belong together."""

    def forward(self, x: Tensor, grid: Tensor) -> Tensor:
        return F.grid_sample(x, grid, align_corners=False)


class Film(nn.Module):
    """A film whose last features are flattened."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv3d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool3d((1, 2, 2)), nn.Conv3d(4, 2, 3, padding=1), nn.MaxPool3d(2))
        self.head = nn.Linear(2 * 8 * 16 * 16, 5)

    def forward(self, frames: Tensor) -> Tensor:
        return self.head(self.features(frames).flatten(1))


class Volume(nn.Module):
    """A three-dimensional convolution and an adaptive pool."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(1, 2, 3)
        self.pool = nn.AdaptiveAvgPool3d(1)
        self.head = nn.Linear(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.flatten(self.pool(self.conv(x)), 1))
