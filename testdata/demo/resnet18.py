"""ResNet18 as torchvision has it, with weights drawn from a fixed seed."""

import torch
import torchvision_operators  # noqa: F401  before torchvision
import torchvision


def build():
    torch.manual_seed(0)
    return torchvision.models.resnet18(weights=None).eval()


def example_inputs():
    return (torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(1)),)
