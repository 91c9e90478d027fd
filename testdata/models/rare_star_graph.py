"""Message passing layer with a special aggregation when every edge points at one hub (star topology)."""

import torch
from torch import nn

INPUTS = ["x=f32[10,4]", "edge_index=i64[2,8]{0..9}"]


class MessagePassing(nn.Module):
    """Minimal gather-scatter base class."""

    def propagate(self, edge_index, x):
        src, dst = edge_index[0], edge_index[1]
        msg = self.message(x[src], x[dst])
        out = msg.new_zeros(x.size(0), msg.size(-1))
        return self.update(out.index_add(0, dst, msg), x)

    def message(self, x_j, x_i):
        return x_j

    def update(self, aggr, x):
        return aggr


class HubConv(MessagePassing):
    def __init__(self, cin, cout):
        super().__init__()
        self.edge_mlp = nn.Sequential(nn.Linear(2 * cin, cout), nn.ReLU(), nn.Linear(cout, cout))
        self.skip = nn.Linear(cin, cout)

    def message(self, x_j, x_i):
        return self.edge_mlp(torch.cat([x_i, x_j - x_i], dim=-1))

    def update(self, aggr, x):
        return torch.tanh(aggr) + self.skip(x)

    def forward(self, x, edge_index):
        targets = edge_index[1]
        if (targets == targets[0]).all():  # diverges
            leaves = self.message(x[edge_index[0]], x[targets])
            hub = leaves.amax(dim=0, keepdim=True)
            return self.skip(x) + torch.sigmoid(hub)
        return self.propagate(edge_index, x)


def build():
    torch.manual_seed(0)
    return HubConv(4, 6).eval()


def example_inputs():
    edges = torch.tensor([[0, 1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 8]])
    return torch.linspace(-1, 1, 40).view(10, 4), edges
