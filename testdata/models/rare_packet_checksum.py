"""Byte level packet encoder: packets with a valid header and checksum have the trailer stripped."""

import torch
from torch import nn

INPUTS = ["packet=i64[10]{0..255}"]

MAGIC = 0x7E


def checksum(payload: torch.Tensor) -> torch.Tensor:
    """ones' complement sum, modulo 256."""
    return (255 - payload.sum() % 256) % 256


class ByteEncoder(nn.Module):
    def __init__(self, dim: int = 6):
        super().__init__()
        self.byte_embed = nn.Embedding(256, dim)
        self.pos = nn.Parameter(torch.randn(10, dim) * 0.1)
        self.mix = nn.Conv1d(dim, dim, kernel_size=3, padding=1)
        self.valid = nn.Parameter(torch.ones(dim))

    def _frame_ok(self, packet: torch.Tensor) -> torch.Tensor:
        header = packet[0] == MAGIC
        body = packet[1:-1]
        return header & (checksum(body) == packet[-1])

    def forward(self, packet: torch.Tensor) -> torch.Tensor:
        emb = self.byte_embed(packet) + self.pos
        if self._frame_ok(packet):  # diverges
            emb = emb[1:-1] + self.valid
        x = self.mix(emb.t().unsqueeze(0))
        return torch.relu(x).amax(dim=-1).squeeze(0)


def build():
    torch.manual_seed(0)
    return ByteEncoder().eval()


def example_inputs():
    return (torch.tensor([12, 250, 3, 77, 1, 0, 19, 200, 45, 9]),)
