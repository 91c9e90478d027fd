"""MyModule with Python that TorchScript is told to leave alone: one method that cannot be saved, one that can but never runs."""

import torch


class MyModuleUnused(torch.nn.Module):
    """`report` is replaced by a raise in the saved file; `forward` calls it only while training."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = torch.nn.Parameter(torch.rand(10, 20, generator=generator))

    def forward(self, input):
        if self.training:
            self.report(input)
        if input.sum() > 0:
            return self.weight.mv(input)
        return self.weight + input

    @torch.jit.unused
    def report(self, input):
        print(f"norm {input.norm():.3f}")


class MyModuleIgnored(torch.nn.Module):
    """`clip` stays a call into Python, so the module compiles and then cannot be saved."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = torch.nn.Parameter(torch.rand(10, 20, generator=generator))

    def forward(self, input):
        if input.sum() > 0:
            return self.weight.mv(self.clip(input))
        return self.weight + input

    @torch.jit.ignore
    def clip(self, input: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(input.numpy().clip(-1, 1))


def example_inputs():
    return (torch.rand(20, generator=torch.Generator().manual_seed(1)),)
