"""Where the model keeps its modules and tensors, and the code that reaches them from a generated method."""

from __future__ import annotations

import ast

import torch
from torch import nn

from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.values import expression, name


class Layout:
    """The module tree of the model; a host is the path of the module that a generated method belongs to."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.constants: dict[int, tuple[str, str, torch.Tensor]] = {}
        self._paths: dict[int, list[str]] = {}
        self._modules: dict[str, nn.Module] = {}
        for path, module in model.named_modules(remove_duplicate=False):
            self.add(path, module)

    def add(self, path: str, module: nn.Module) -> None:
        """A module of the rewritten model; the user's code does not see those that are none of the original's."""
        self._paths.setdefault(id(module), []).append(path)
        self._modules[path] = module

    def module_at(self, path: str) -> nn.Module:
        """The module at a path."""
        return self._modules[path]

    def modules(self) -> list[nn.Module]:
        """All modules, each once."""
        return list({id(module): module for module in self._modules.values()}.values())

    def path_of(self, module: nn.Module, host: str = "") -> str | None:
        """The path of a module at or below `host`; None when it is not there."""
        for path in self._paths.get(id(module), ()):
            if host in ("", path) or path.startswith(host + "."):
                return path
        return None

    def module_code(self, module: nn.Module, host: str) -> ast.expr:
        """The code that reaches a module from a method of the module at `host`."""
        path = self.path_of(module, host)
        if path is None:
            kind = type(module).__name__
            raise Refused(f"a `{kind}` outside of the calling module is used", "make it a submodule of the module")
        return reach(path[len(host) :].lstrip("."))

    def constant(self, tensor: torch.Tensor, host: str) -> ast.expr:
        """The code of a fixed tensor: a parameter or buffer by its path, another one as an attribute."""
        found = self._named_tensor(tensor, host)
        if found is not None:
            return found
        known = self.constants.get(id(tensor))
        if known is None or known[0] != host:
            attribute = f"_constant_{len(self.constants)}"
            known = (host, attribute, tensor)
            self.constants[id(tensor)] = known
        return expression(f"self.{known[1]}")

    def _named_tensor(self, tensor: torch.Tensor, host: str) -> ast.expr | None:
        for path, module in self.model.named_modules(remove_duplicate=False):
            if host and path != host and not path.startswith(host + "."):
                continue
            for label, item in (*module._parameters.items(), *module._buffers.items()):
                if item is tensor and label.isidentifier():
                    return ast.Attribute(reach(path[len(host) :].lstrip(".")), label, ast.Load())
        return None


def reach(path: str) -> ast.expr:
    """The code of a dotted path below `self`."""
    code: ast.expr = name("self")
    for step in path.split(".") if path else ():
        if step.isidentifier():
            code = ast.Attribute(code, step, ast.Load())
        else:
            code = ast.Call(name("getattr"), [code, ast.Constant(step)], [])
    return code
