"""LQR layer: iterates the discrete Riccati equation of its own fixed plant until convergence, then applies the gain."""

import torch
from torch import nn

INPUTS = ["state=f32[B:1..4,2]"]


def dare(A, B, Q, R, tol=1e-4, max_iter=200):
    P = Q
    delta, it = float("inf"), 0
    while delta > tol:
        S = R + B.t() @ P @ B
        K = torch.linalg.solve(S, B.t() @ P @ A)
        P_next = Q + A.t() @ P @ (A - B @ K)
        delta = (P_next - P).abs().max().item()
        P = P_next
        it += 1
        if it >= max_iter:
            raise RuntimeError(f"Riccati iteration did not converge ({delta:.2e})")
    return P, K


class LQRLayer(nn.Module):
    def __init__(self, dt=0.5):
        super().__init__()
        self.register_buffer("A", torch.tensor([[1.0, dt], [0.0, 0.8]]))
        self.register_buffer("B", torch.tensor([[0.0], [dt]]))
        self.register_buffer("Q", torch.eye(2))
        self.register_buffer("R", torch.eye(1))

    def forward(self, state):
        P, K = dare(self.A, self.B, self.Q, self.R)
        u = -state @ K.t()
        return u, torch.einsum("bi,ij,bj->b", state, P, state)


class SafeController(nn.Module):
    def __init__(self, u_max=2.0):
        super().__init__()
        self.lqr = LQRLayer()
        self.u_max = u_max
        self.residual = nn.Linear(2, 1)

    def forward(self, state):
        u, cost = self.lqr(state)
        return (u + 0.1 * torch.tanh(self.residual(state))).clamp(-self.u_max, self.u_max), cost


def build():
    torch.manual_seed(0)
    return SafeController().eval()


def example_inputs():
    return (torch.tensor([[1.0, 0.0], [-0.5, 0.3]]),)
