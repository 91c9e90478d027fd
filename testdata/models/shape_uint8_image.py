"""Image classifier wrapper with built-in preprocessing: byte images are rescaled, float images are taken as they are."""

import torch
from torch import nn

INPUTS = ["img=f32[B:1..3,3,8,8]{0..1}", "img=u8[B:1..3,3,8,8]{0..255}"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Normalize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean)[:, None, None])
        self.register_buffer("std", torch.tensor(std)[:, None, None])

    def forward(self, x):
        return (x - self.mean) / self.std


class Preprocess(nn.Module):
    def __init__(self):
        super().__init__()
        self.normalize = Normalize(IMAGENET_MEAN, IMAGENET_STD)

    def forward(self, img):
        if not img.is_floating_point():  # diverges
            img = img.float() / 255.0
        return self.normalize(img)


class DeployModel(nn.Module):
    def __init__(self, backbone, classes=5):
        super().__init__()
        self.preprocess = Preprocess()
        self.backbone = backbone
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, classes))

    def forward(self, img):
        return self.head(self.backbone(self.preprocess(img))).softmax(dim=1)


def build():
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU6(), nn.Conv2d(4, 4, 3, stride=2, padding=1))
    return DeployModel(backbone).eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.rand(2, 3, 8, 8),)
