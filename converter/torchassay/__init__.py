"""Converts PyTorch models to TorchScript bundles and says where the converted model behaves differently."""

__version__ = "0.1.0"
