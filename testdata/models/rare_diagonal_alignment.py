"""Text-to-speech aligner that drops the attention prior once text and mel frames are aligned one to one."""

import torch
from torch import nn

INPUTS = ["text=f32[1,8,8]", "mel=f32[1,8,8]"]


class AlignmentEncoder(nn.Module):
    def __init__(self, dim=8, temperature=0.5):
        super().__init__()
        proj = nn.Linear(dim, dim, bias=False)
        nn.init.orthogonal_(proj.weight)
        self.key_proj = self.query_proj = proj
        self.temperature = temperature
        steps = torch.arange(8, dtype=torch.float32)
        self.register_buffer("log_prior", -0.5 * (steps[:, None] - steps[None] + 2).pow(2))
        self.register_buffer("diagonal", torch.arange(8))

    def scores(self, text, mel):
        return self.query_proj(mel) @ self.key_proj(text).transpose(1, 2) / self.temperature

    def forward(self, text, mel):
        attn = self.scores(text, mel)
        aligned = torch.equal(attn.argmax(dim=-1)[0], self.diagonal)  # diverges
        if not aligned:
            attn = attn + self.log_prior
        return attn.softmax(dim=-1) @ text


class TTSDecoder(nn.Module):
    def __init__(self, dim=8, n_mels=5):
        super().__init__()
        self.aligner = AlignmentEncoder(dim)
        self.to_mel = nn.Conv1d(dim, n_mels, 3, padding=1)

    def forward(self, text, mel):
        context = self.aligner(text, mel)
        return self.to_mel(context.transpose(1, 2))


def build():
    torch.manual_seed(0)
    return TTSDecoder().eval()


def example_inputs():
    g = torch.Generator().manual_seed(1)
    return torch.randn(1, 8, 8, generator=g), torch.randn(1, 8, 8, generator=g)
