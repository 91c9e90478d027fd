"""MoCo: keys are written to a ring buffer whose pointer advances with every call; logits are taken over the queue."""

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["im_q=f32[2,10]", "im_k=f32[2,10]"]


def encoder(din=10, dim=4):
    return nn.Sequential(nn.Linear(din, 12), nn.ReLU(), nn.Linear(12, dim))


class MoCo(nn.Module):
    def __init__(self, dim=4, K=8, T=0.2):
        super().__init__()
        self.K, self.T = K, T
        self.encoder_q, self.encoder_k = encoder(dim=dim), encoder(dim=dim)
        self.encoder_k.load_state_dict(self.encoder_q.state_dict())
        for p in self.encoder_k.parameters():
            p.requires_grad = False
        self.register_buffer("queue", F.normalize(torch.randn(dim, K), dim=0))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    @torch.no_grad()
    def _dequeue_and_enqueue(self, keys):
        ptr = int(self.queue_ptr)  # diverges
        self.queue[:, ptr : ptr + keys.shape[0]] = keys.T
        self.queue_ptr[0] = (ptr + 2) % self.K

    def forward(self, im_q, im_k):
        q = F.normalize(self.encoder_q(im_q), dim=1)
        with torch.no_grad():
            k = F.normalize(self.encoder_k(im_k), dim=1)
        self._dequeue_and_enqueue(k)
        l_pos = (q * k).sum(-1, keepdim=True)
        l_neg = q @ self.queue.clone()
        return torch.cat([l_pos, l_neg], dim=1) / self.T


def build():
    torch.manual_seed(0)
    return MoCo().eval()


def example_inputs():
    torch.manual_seed(1)
    return torch.randn(2, 10), torch.randn(2, 10)
