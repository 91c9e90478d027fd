"""Control policy with a dead band: the learnt error signal, inside a narrow window, returns the hold action."""

import torch
from torch import nn

INPUTS = ["obs=f32[6]", "target=f32[6]"]


class PID(nn.Module):
    def __init__(self, kp=1.2, kd=0.3):
        super().__init__()
        self.kp = nn.Parameter(torch.tensor(kp))
        self.kd = nn.Parameter(torch.tensor(kd))

    def forward(self, err, prev):
        return self.kp * err + self.kd * (err - prev)


class DeadbandController(nn.Module):
    DEADBAND = 2e-3

    def __init__(self, n=6):
        super().__init__()
        self.w = nn.Linear(n, 1)
        self.pid = PID()
        self.out = nn.Linear(1, 2)
        self.hold = nn.Parameter(torch.tensor([0.7, -0.7]))

    def error(self, obs, target):
        return self.w(obs) - self.w(target)

    def forward(self, obs, target):
        err = self.error(obs, target)
        if -self.DEADBAND < err.squeeze() - 0.25 < self.DEADBAND:  # diverges
            return self.hold
        u = self.pid(err, torch.tanh(target[:1]))
        return torch.tanh(self.out(u))


def build():
    torch.manual_seed(0)
    return DeadbandController().eval()


def example_inputs():
    return torch.arange(6.0) / 6, torch.zeros(6)
