"""Models that listen: wave forms, spectra, lengths."""

import torch
from torch import Tensor, nn


class Spectrum(nn.Module):
    """Short-time Fourier transform, then a matrix of filters."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(64))
        self.register_buffer("filters", torch.rand(33, 10))

    def forward(self, wave: Tensor) -> Tensor:
        parts = torch.stft(wave, 64, hop_length=16, window=self.window, return_complex=True)
        return parts.abs().pow(2).transpose(-1, -2).matmul(self.filters).clamp(min=1e-6).log()


class WaveNet(nn.Module):
    """Strided convolutions over a wave, then a recurrent net."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv1d(1, 4, 10, stride=5), nn.GELU(), nn.Conv1d(4, 6, 8, stride=4), nn.GELU())
        self.net = nn.GRU(6, 5, batch_first=True)

    def forward(self, wave: Tensor) -> Tensor:
        return self.net(self.conv(wave.unsqueeze(1)).transpose(1, 2))[0]


class Lengths(nn.Module):
    """Features and how many of them count."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(20, 4)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        steps = torch.arange(x.size(1), device=x.device)
        mask = steps.unsqueeze(0) < lengths.unsqueeze(1)
        total = (self.head(x) * mask.unsqueeze(-1)).sum(1)
        return total / lengths.unsqueeze(1).to(x.dtype)


class Rotated(nn.Module):
    """Complex numbers in, real ones out."""

    def __init__(self) -> None:
        super().__init__()
        self.phase = nn.Parameter(torch.polar(torch.ones(6), torch.rand(6)))

    def forward(self, z: Tensor) -> Tensor:
        return torch.view_as_real(z * self.phase)


class Resampled(nn.Module):
    """Adds silence at both sides and cuts into frames."""

    def forward(self, wave: Tensor) -> Tensor:
        padded = torch.nn.functional.pad(wave, (8, 8), mode="reflect")
        return padded.unfold(-1, 32, 16).std(-1)
