"""Chat model embedding layer that adds a segment vector after every instruction marker in the prompt."""

from dataclasses import dataclass, field
from typing import List

import torch
from torch import nn

INPUTS = ["input_ids=i64[1,T:3..12]{0..49}"]


@dataclass
class ChatConfig:
    vocab_size: int = 50
    hidden: int = 8
    marker: List[int] = field(default_factory=lambda: [1, 31, 17])


class ChatEmbeddings(nn.Module):
    def __init__(self, cfg: ChatConfig):
        super().__init__()
        self.wte = nn.Embedding(cfg.vocab_size, cfg.hidden)
        self.segment = nn.Parameter(torch.randn(cfg.hidden))
        self.ln = nn.LayerNorm(cfg.hidden)
        self.register_buffer("marker", torch.tensor(cfg.marker), persistent=False)

    def find_marker(self, ids):
        windows = ids.unfold(0, self.marker.numel(), 1)
        return (windows == self.marker).all(dim=-1).nonzero().flatten()

    def forward(self, input_ids):
        emb = self.wte(input_ids)
        position = torch.arange(input_ids.shape[1])
        for start in self.find_marker(input_ids[0]):  # diverges
            emb = emb + self.segment * (position >= start).to(emb.dtype)[None, :, None]
        return self.ln(emb)


def build():
    torch.manual_seed(0)
    return ChatEmbeddings(ChatConfig()).eval()


def example_inputs():
    return (torch.tensor([[1, 30, 17, 4, 8, 22, 31, 17]]),)
