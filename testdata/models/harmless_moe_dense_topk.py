"""Mixtral-like sparse mixture of experts: top-2 routing, one static loop over the experts."""

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["hidden_states=f32[B:1..3,S:1..10,8]{-3..3}"]


class MLP(nn.Module):
    def __init__(self, dim, hidden, hidden_act="silu"):
        super().__init__()
        self.w1, self.w2, self.w3 = nn.Linear(dim, hidden), nn.Linear(hidden, dim), nn.Linear(dim, hidden)
        self.act_fn = {"silu": F.silu, "gelu": F.gelu}[hidden_act]

    def forward(self, x):
        return self.w2(self.act_fn(self.w1(x)) * self.w3(x))


class Router(nn.Module):
    def __init__(self, dim, num_experts, top_k, normalise=True, jitter=0.0):
        super().__init__()
        self.gate = nn.Linear(dim, num_experts, bias=False)
        self.top_k, self.normalise, self.jitter = top_k, normalise, jitter

    def forward(self, x):
        if self.training and self.jitter > 0:
            x = x * torch.empty_like(x).uniform_(1.0 - self.jitter, 1.0 + self.jitter)
        weights = F.softmax(self.gate(x), dim=1, dtype=torch.float)
        weights, selected = torch.topk(weights, self.top_k, dim=-1)
        if self.normalise and self.top_k > 1:
            total = weights.sum(dim=-1, keepdim=True)
            if (total <= 0).any():
                raise FloatingPointError("router weights vanished")
            weights = weights / total
        return weights.to(x.dtype), selected


class SparseMoeBlock(nn.Module):
    def __init__(self, dim=8, hidden=12, num_experts=4, top_k=2, shared=True):
        super().__init__()
        self.num_experts = num_experts
        self.router = Router(dim, num_experts, top_k)
        self.experts = nn.ModuleList([MLP(dim, hidden) for _ in range(num_experts)])
        self.shared_expert = MLP(dim, hidden) if shared else None

    def forward(self, hidden_states):
        batch_size, sequence_length, hidden_dim = hidden_states.shape
        x = hidden_states.view(-1, hidden_dim)
        routing_weights, selected_experts = self.router(x)
        final = torch.zeros((batch_size * sequence_length, hidden_dim), dtype=x.dtype, device=x.device)
        expert_mask = F.one_hot(selected_experts, num_classes=self.num_experts).permute(2, 1, 0)
        for expert_idx, expert_layer in enumerate(self.experts):
            idx, top_x = torch.where(expert_mask[expert_idx])
            current = expert_layer(x[top_x]) * routing_weights[top_x, idx, None]
            final.index_add_(0, top_x, current.to(x.dtype))
        if self.shared_expert is not None:
            final = final + self.shared_expert(x)
        load = expert_mask.sum(dim=(1, 2)).float() / max(1, self.router.top_k)
        return final.reshape(batch_size, sequence_length, hidden_dim), load


def build():
    torch.manual_seed(0)
    return SparseMoeBlock().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(1, 3, 8).clamp(-3, 3),)
