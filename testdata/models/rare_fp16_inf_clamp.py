"""T5 feed-forward block with the half precision overflow guard."""

import torch
from torch import nn

INPUTS = ["hidden_states=f16[B:1..3,T:1..6,8]"]


class T5LayerNorm(nn.Module):
    def __init__(self, hidden_size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, hidden_states):
        variance = hidden_states.to(torch.float32).pow(2).mean(-1, keepdim=True)
        hidden_states = hidden_states * torch.rsqrt(variance + self.variance_epsilon)
        if self.weight.dtype in [torch.float16, torch.bfloat16]:
            hidden_states = hidden_states.to(self.weight.dtype)
        return self.weight * hidden_states


class T5DenseActDense(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.wi = nn.Linear(d_model, d_ff, bias=False)
        self.wo = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x):
        return self.wo(torch.relu(self.wi(x)))


class T5LayerFF(nn.Module):
    def __init__(self, d_model=8, d_ff=16):
        super().__init__()
        self.layer_norm = T5LayerNorm(d_model)
        self.DenseReluDense = T5DenseActDense(d_model, d_ff)
        self.gain = nn.Parameter(torch.tensor(96.0))

    def forward(self, hidden_states):
        forwarded = self.DenseReluDense(self.layer_norm(hidden_states))
        hidden_states = hidden_states + self.gain * forwarded
        # clamp inf values to enable fp16 training
        if hidden_states.dtype == torch.float16 and torch.isinf(hidden_states).any():  # diverges
            clamp_value = torch.finfo(hidden_states.dtype).max - 1000
            hidden_states = torch.clamp(hidden_states, min=-clamp_value, max=clamp_value)
        return hidden_states


def build():
    torch.manual_seed(0)
    return T5LayerFF().half().eval()


def example_inputs():
    torch.manual_seed(1)
    return (torch.randn(2, 4, 8).half(),)
