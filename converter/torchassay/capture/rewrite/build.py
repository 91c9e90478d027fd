"""Puts the generated methods on a copy of the module tree and lets TorchScript compile it."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import itertools
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from torchassay.capture.compile_errors import explain
from torchassay.capture.keeping import Keeper
from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.cells import Cell, attach
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.helpers import HELPERS
from torchassay.capture.rewrite.homes import follow

if TYPE_CHECKING:
    from torchassay.capture.rewrite.specialise import Generated, Specialiser

MODULE = "rewritten"
HEADER = """import math
from typing import Any, Dict, List, NamedTuple, Optional, Tuple, Union

import torch
from torch import Tensor, nn

Device = torch.device
"""


@dataclass(frozen=True, slots=True)
class Built:
    """The compiled module, the text that it was compiled from, and what changed in the user's source."""

    script: Any
    source: str
    diff: str
    traced: tuple[str, ...]


def build(spec: Specialiser, fresh: nn.Module, entry: str, folder: Path) -> Built:
    """Compiles the rewritten model; `fresh` is an untouched copy whose parameters it takes."""
    kept = _reachable(spec, entry)
    attach(fresh, spec.facts)
    source, classes = source_text(spec, kept)
    module = load(source, folder, spec.namespace)
    shells = _Shells(spec, fresh, {path: getattr(module, label) for path, label in classes.items()})
    root = shells.convert("")
    if entry != "forward":
        torch.jit.export(getattr(type(root), entry))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        script = _compiled(root, source, kept)
    traced = tuple(sorted(path for path, mode in spec.leaves.items() if mode == "trace"))
    return Built(script, source, diff_text(spec, kept), traced)


def _compiled(root: nn.Module, source: str, kept: dict[str, dict[str, Generated]]) -> Any:
    """`torch.jit.script`; what it refuses is refused at the user's line."""
    try:
        return torch.jit.script(root)
    except (RuntimeError, NotImplementedError) as error:
        failure = explain(error)
        refusal = Refused(failure.message, failure.help)
        place = _origin(source, kept, failure.line or 0) if Path(failure.file or "").name.startswith(MODULE) else None
        if place is not None:
            refusal.locate(*place)
        raise refusal from error


def _origin(source: str, kept: dict[str, dict[str, Generated]], line: int) -> tuple[str, int, str] | None:
    """The user's file, line and function that a line of the generated text came from."""
    everything = [item for methods in kept.values() for item in methods.values()]
    for kind in (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)):
        for parsed in (node for node in kind.body if isinstance(node, ast.FunctionDef)):
            if not parsed.lineno <= line <= (parsed.end_lineno or 0):
                continue
            text = ast.unparse(parsed)
            made = next((item for item in everything if ast.unparse(item.node) == text), None)
            if made is not None:
                return made.file, _line_in(parsed, made, line), made.title
    return None


def _line_in(parsed: ast.FunctionDef, made: Generated, line: int) -> int:
    """The line of the last statement before `line` that knows where it came from."""
    found = made.original.lineno
    for node, twin in zip(ast.walk(parsed), ast.walk(made.node), strict=False):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            found = getattr(twin, "origin", found)
    return found


def _reachable(spec: Specialiser, entry: str) -> dict[str, dict[str, Generated]]:
    """The methods that the entry leads to: others were written on the way and given up."""
    wanted = {entry}
    while True:
        bodies = [
            item.node
            for path, methods in spec.methods.items()
            for label, item in methods.items()
            if label in wanted and (label != entry or path == "" or label in wanted)
        ]
        found = {
            node.func.attr
            for body in bodies
            for node in ast.walk(body)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        } | {entry}
        if found <= wanted:
            break
        wanted |= found
    kept: dict[str, dict[str, Generated]] = {}
    for path, methods in spec.methods.items():
        inner = {label: item for label, item in methods.items() if label in wanted}
        if inner:
            kept[path] = inner
    return kept


def source_text(spec: Specialiser, kept: dict[str, dict[str, Generated]]) -> tuple[str, dict[str, str]]:
    """The Python text of the rewritten classes, and the class of each path."""
    classes: dict[str, str] = {}
    blocks: list[str] = []
    for path in sorted({*kept, *_cells(spec)}):
        base = type(spec.layout.module_at(path)).__name__
        label, number = base, 1
        while label in classes.values():
            label, number = f"{base}_{number}", number + 1
        classes[path] = label
        blocks.append(_class_text(spec, path, label, kept.get(path, {})))
    helpers = [HELPERS[label].strip("\n") for label in sorted(spec.helpers)]
    parts = [HEADER, *helpers, *spec.records.values(), *blocks]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n", classes


def _cells(spec: Specialiser) -> set[str]:
    """The paths of the modules that hold shared state."""
    paths = {spec.layout.path_of(cell) for cell in spec.cells.made.values()}
    return {path for path, _ in spec.facts.state if path in paths}


def _class_text(spec: Specialiser, path: str, label: str, methods: dict[str, Generated]) -> str:
    lines = [f"class {label}(nn.Module):"]
    for (where, attribute), kind in sorted(spec.facts.state.items()):
        module = spec.layout.module_at(where)
        if where == path and attribute not in module._buffers and attribute not in module._parameters:
            lines.append(f"    {attribute}: {T.spell(_settled(kind))}")
    for name in sorted(methods):
        text = ast.unparse(ast.fix_missing_locations(methods[name].node))
        lines += ["", *("    " + line if line else "" for line in text.splitlines())]
    return "\n".join(lines)


def _settled(kind: T.Type) -> T.Type:
    """A type without unknown parts: they hold tensors."""
    if kind == T.NONE:
        return T.optional(T.TENSOR)
    if kind.name == "Dict" and kind.args[0].name in ("?", "Tuple"):
        return T.dict_of(T.STR, _settled(kind.args[1]))
    return T.Type(kind.name, tuple(_settled(part) for part in kind.args)) if kind.args else kind


def load(source: str, folder: Path, names: dict[str, Any]) -> Any:
    """Imports the text from a file, where TorchScript can read it again."""
    folder.mkdir(parents=True, exist_ok=True)
    title = _unused_name()
    path = folder / f"{title}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(title, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    vars(module).update(names)
    sys.modules[title] = module
    spec.loader.exec_module(module)
    return module


def _unused_name() -> str:
    """TorchScript keeps the named tuples of a module for good: a second text needs a name of its own."""
    return next(
        name for number in itertools.count(1) if (name := MODULE if number == 1 else f"{MODULE}_{number}") not in sys.modules
    )


class _Shells:
    """The module tree again: generated classes where methods were generated, PyTorch's modules where they stay."""

    def __init__(self, spec: Specialiser, fresh: nn.Module, classes: dict[str, type[nn.Module]]) -> None:
        self.spec = spec
        self.fresh = fresh
        self.classes = classes
        self.made: dict[int, nn.Module] = {}

    def convert(self, path: str) -> nn.Module:
        module = self.fresh.get_submodule(path)
        if id(module) in self.made:
            return self.made[id(module)]
        if isinstance(module, Cell):
            return self._cell(module, path)
        mode = self.spec.leaves.get(path)
        if mode == "trace":
            made: nn.Module = self._traced(module, path)
        elif mode == "script":
            made = module
        else:
            made = self._shell(module, path)
        self.made[id(module)] = made
        return made

    def _cell(self, module: Cell, path: str) -> nn.Module:
        """Scripted at once: the modules that it is part of share it only as what it will be."""
        cell = self.spec.layout.module_at(path)
        shell = self._shell(module, str(self.spec.layout.path_of(cell)))
        made: nn.Module = torch.jit.script(shell)
        self.made[id(module)] = made
        return made

    def _traced(self, module: nn.Module, path: str) -> nn.Module:
        keeper = Keeper(module)
        with torch.no_grad():
            inputs = tuple(item.clone() for item in self.spec.facts.traced[path])
            traced: nn.Module = torch.jit.trace(module, inputs, check_trace=False, strict=False)
        keeper.restore()
        return traced

    def _shell(self, module: nn.Module, path: str) -> nn.Module:
        kind = self.classes.get(path) or type(type(module).__name__, (nn.Module,), {"__module__": MODULE})
        shell: nn.Module = kind()
        shell.training = module.training
        shell._parameters = module._parameters
        shell._buffers = dict(module._buffers)
        shell._non_persistent_buffers_set = set(module._non_persistent_buffers_set)
        for label in module._modules:
            if module._modules[label] is not None:
                shell._modules[label] = self.convert(f"{path}.{label}".lstrip("."))
        self._state(shell, module, path)
        for where, attribute, tensor in self.spec.layout.constants.values():
            if where == path:
                shell.register_buffer(attribute, tensor.detach(), persistent=False)
        return shell

    def _state(self, shell: nn.Module, module: nn.Module, path: str) -> None:
        for (where, attribute), kind in self.spec.facts.state.items():
            if where != path or attribute in shell._buffers or attribute in shell._parameters:
                continue
            steps = self.spec.facts.homes.get((where, attribute), (attribute,))
            value = follow(module, steps) if hasattr(module, str(steps[0])) else None
            setattr(shell, attribute, initial(value, _settled(kind)))


def initial(value: Any, kind: T.Type) -> Any:
    """The first value of a state attribute in the form that its type asks for."""
    if value is None:
        defaults = {"int": 0, "float": 0.0, "bool": False, "str": "", "List": [], "Dict": {}}
        return torch.zeros(0) if kind.name == "Tensor" else defaults.get(kind.name)
    inner = T.bare(kind)
    if inner in (T.INT, T.FLOAT, T.BOOL, T.STR):
        return {"int": int, "float": float, "bool": bool, "str": str}[inner.name](value)
    if inner.name == "List":
        return [initial(item, inner.args[0]) for item in list(value)]
    if inner.name == "Dict":
        return {_key(key): initial(item, inner.args[1]) for key, item in value.items()}
    if inner.name == "Tensor":
        return value.detach().clone() if isinstance(value, torch.Tensor) else torch.tensor(value)
    return tuple(value) if inner.name == "Tuple" else value


def _key(key: Any) -> Any:
    return "".join(f"{part}," for part in key) if isinstance(key, tuple) else key


def diff_text(spec: Specialiser, kept: dict[str, dict[str, Generated]]) -> str:
    """A unified diff of each user function against what became of it."""
    parts: list[str] = []
    for path in sorted(kept):
        for label, item in sorted(kept[path].items(), key=lambda pair: pair[1].original.lineno):
            before = ast.unparse(item.original).splitlines()
            after = ast.unparse(ast.fix_missing_locations(item.node)).splitlines()
            where = f"{path}.{label}" if path else label
            name = Path(item.file).name
            lines = difflib.unified_diff(
                before, after, f"{name}:{item.original.lineno} {item.title}", f"rewritten {where}", lineterm="", n=3
            )
            parts += list(lines)
    return "\n".join(parts) + ("\n" if parts else "")
