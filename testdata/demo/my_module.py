"""The module that every tutorial on TorchScript ends with: which line runs depends on the sum of the input."""

import torch


class MyModule(torch.nn.Module):
    def __init__(self, rows=10, columns=20):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = torch.nn.Parameter(torch.rand(rows, columns, generator=generator))

    def forward(self, input):
        if input.sum() > 0:
            output = self.weight.mv(input)
        else:
            output = self.weight + input
        return output


def example_inputs():
    return (torch.rand(20, generator=torch.Generator().manual_seed(1)),)
