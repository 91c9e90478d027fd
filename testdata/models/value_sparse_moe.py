"""Mixtral-style sparse mixture of experts: experts without tokens are skipped."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

INPUTS = ["hidden_states=f32[B:1..3,T:1..6,8]"]


@dataclass
class MoEConfig:
    hidden_size: int = 8
    intermediate_size: int = 12
    num_local_experts: int = 4
    num_experts_per_tok: int = 2


class ExpertMLP(nn.Module):
    def __init__(self, config: MoEConfig):
        super().__init__()
        self.w1 = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.w2 = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)
        self.w3 = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class SparseMoeBlock(nn.Module):
    def __init__(self, config: MoEConfig):
        super().__init__()
        self.num_experts = config.num_local_experts
        self.top_k = config.num_experts_per_tok
        self.gate = nn.Linear(config.hidden_size, self.num_experts, bias=False)
        self.experts = nn.ModuleList(ExpertMLP(config) for _ in range(self.num_experts))

    def forward(self, hidden_states):
        bsz, seq_len, dim = hidden_states.shape
        flat = hidden_states.reshape(-1, dim)
        router_logits = self.gate(flat)
        weights = F.softmax(router_logits, dim=-1)
        weights, selected = torch.topk(weights, self.top_k, dim=-1)
        weights = weights / weights.sum(dim=-1, keepdim=True)
        final = torch.zeros_like(flat)
        expert_mask = F.one_hot(selected, self.num_experts).permute(2, 1, 0)
        for expert_idx, expert in enumerate(self.experts):
            idx, top_x = torch.where(expert_mask[expert_idx])
            if top_x.shape[0] == 0:  # diverges
                continue
            current = expert(flat[top_x]) * weights[top_x, idx, None]
            final = final.index_add(0, top_x, current)
        return final.reshape(bsz, seq_len, dim), router_logits


def build():
    torch.manual_seed(0)
    return SparseMoeBlock(MoEConfig()).eval()


def example_inputs():
    torch.manual_seed(11)
    return (torch.randn(1, 1, 8).expand(2, 3, 8).contiguous(),)
