"""Log-mel frontend: framing by strided unfold, window and mel matrix cached under a constant key."""

import logging
import math

import numpy as np
import torch
from torch import nn

logger = logging.getLogger(__name__)

INPUTS = ["speech=f32[B:1..3,N:64..200]{-1..1}"]

_MEL_CACHE = {}


def mel_filters(sr, n_fft, n_mels):
    key = (sr, n_fft, n_mels)
    if key not in _MEL_CACHE:
        hz = np.linspace(0, sr / 2, n_fft // 2 + 1)
        mel_pts = np.linspace(0.0, 2595.0 * math.log10(1 + (sr / 2) / 700.0), n_mels + 2)
        f = 700.0 * (10.0 ** (mel_pts / 2595.0) - 1.0)
        lower = (hz[None] - f[:-2, None]) / (f[1:-1] - f[:-2])[:, None]
        upper = (f[2:, None] - hz[None]) / (f[2:] - f[1:-1])[:, None]
        _MEL_CACHE[key] = np.maximum(0, np.minimum(lower, upper)).astype(np.float32)
    return torch.from_numpy(_MEL_CACHE[key])


class LogMelFrontend(nn.Module):
    def __init__(self, sr=8000, n_fft=32, hop=10, n_mels=8, preemph=0.97, center=True):
        super().__init__()
        self.sr, self.n_fft, self.hop, self.n_mels = sr, n_fft, hop, n_mels
        self.preemph, self.center = preemph, center
        self._window = None
        self.logged = False

    @property
    def window(self):
        if self._window is None:
            n = torch.arange(self.n_fft, dtype=torch.float32)
            self._window = 0.5 - 0.5 * torch.cos(2 * math.pi * n / self.n_fft)
        return self._window

    def _log_once(self, n_frames):
        if not self.logged:
            logger.info("frontend yields %d frames", int(n_frames))
            self.logged = True

    def forward(self, speech):
        assert speech.dim() == 2, "expected (batch, samples)"
        if speech.shape[1] < self.n_fft:
            raise ValueError("speech is shorter than one window")
        if self.preemph:
            speech = torch.cat([speech[:, :1], speech[:, 1:] - self.preemph * speech[:, :-1]], dim=1)
        if self.center:
            half = self.n_fft // 2
            speech = nn.functional.pad(speech.unsqueeze(1), (half, half), mode="reflect").squeeze(1)
        frames = speech.unfold(-1, self.n_fft, self.hop)
        self._log_once(frames.shape[1])
        spec = torch.fft.rfft(frames * self.window, n=self.n_fft)
        power = spec.real ** 2 + spec.imag ** 2
        feats = torch.log(torch.clamp(power @ mel_filters(self.sr, self.n_fft, self.n_mels).t(), min=1e-5))
        n_frames = (speech.shape[1] - self.n_fft) // self.hop + 1
        return feats[:, :n_frames], torch.zeros(feats.shape[0], dtype=torch.long) + n_frames


def build():
    torch.manual_seed(0)
    return LogMelFrontend().eval()


def example_inputs():
    return (torch.sin(torch.arange(2 * 100) * 0.3).view(2, 100),)
