"""Speech front end: overlapping windows cut with a Python range over the waveform, log-energy features, mean pooling."""

import torch
from torch import nn

INPUTS = ["wav=f32[B:1..2,T:16..64]"]


class FrameFeatures(nn.Module):
    """Kaldi-like framing without padding (snip_edges=True)."""

    def __init__(self, frame_length=16, frame_shift=8, n_bands=6, preemph=0.97):
        super().__init__()
        self.frame_length, self.frame_shift, self.preemph = frame_length, frame_shift, preemph
        self.register_buffer("window", torch.hann_window(frame_length, periodic=False))
        self.bank = nn.Parameter(torch.rand(frame_length // 2 + 1, n_bands))

    def frame(self, wav):
        frames = []
        last = wav.shape[-1] - self.frame_length
        for start in range(0, last + 1, self.frame_shift):  # diverges
            frames.append(wav[:, start:start + self.frame_length])
        return torch.stack(frames, dim=1)

    def forward(self, wav):
        x = self.frame(wav)
        x = torch.cat([x[..., :1], x[..., 1:] - self.preemph * x[..., :-1]], dim=-1)
        power = torch.fft.rfft(x * self.window).abs().pow(2)
        return torch.log(power @ self.bank + 1e-6)


class UtteranceClassifier(nn.Module):
    def __init__(self, n_bands=6, classes=4):
        super().__init__()
        self.frontend = FrameFeatures(n_bands=n_bands)
        self.rnn = nn.Conv1d(n_bands, 8, 3, padding=1)
        self.fc = nn.Linear(8, classes)

    def forward(self, wav):
        f = self.frontend(wav).transpose(1, 2)
        return self.fc(torch.relu(self.rnn(f)).mean(dim=-1))


def build():
    torch.manual_seed(0)
    return UtteranceClassifier().eval()


def example_inputs():
    g = torch.Generator().manual_seed(0)
    return (torch.randn(2, 40, generator=g),)
