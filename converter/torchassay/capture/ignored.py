"""Methods marked `@torch.jit.ignore` or `@torch.jit.unused`: which of them an exported method reaches."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import TYPE_CHECKING, Any

from torch._jit_internal import FunctionModifiers

from torchassay.capture.artifact import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


def marked_calls(model: nn.Module, method: str) -> tuple[Note, ...]:
    """A note for each marked method that the exported ones call, in the whole module tree."""
    notes: dict[tuple[str | None, int | None], Note] = {}
    for path, module in model.named_modules():
        start = method if path == "" else "forward"
        for function, file, line, text in _reached(type(module), start):
            notes.setdefault((file, line), _note(function, path, file, line, text))
    return tuple(notes.values())


def forget_ignored(model: nn.Module) -> None:
    """Makes ignored methods unused ones: the file can be saved, and raises where it would have called Python."""
    for module in model.modules():
        for kind in type(module).__mro__:
            for member in vars(kind).values():
                if _modifier(member) == FunctionModifiers.IGNORE:
                    member._torchscript_modifier = FunctionModifiers.UNUSED


def _modifier(member: object) -> object:
    return getattr(member, "_torchscript_modifier", None)


def _reached(kind: type, start: str) -> Iterator[tuple[Any, str | None, int | None, str | None]]:
    """The marked methods called from `start`, through unmarked methods of the same class."""
    todo, done = [start], set()
    while todo:
        name = todo.pop()
        function = inspect.getattr_static(kind, name, None)
        if name in done or not inspect.isfunction(function):
            continue
        done.add(name)
        for callee, line, text in _self_calls(function):
            member = inspect.getattr_static(kind, callee, None)
            if _modifier(member) in (FunctionModifiers.IGNORE, FunctionModifiers.UNUSED):
                yield member, inspect.getsourcefile(function), line, text
            else:
                todo.append(callee)


def _self_calls(function: Any) -> list[tuple[str, int, str]]:
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "self":
                found.append((node.func.attr, first + node.lineno - 1, lines[node.lineno - 1].strip()))
    return found


def _note(function: Any, path: str, file: str | None, line: int | None, text: str | None) -> Note:
    name = function.__name__
    if _modifier(function) == FunctionModifiers.IGNORE:
        message = f"`{name}` is marked `@torch.jit.ignore`: a call into Python cannot be saved, the file raises here"
    else:
        message = f"`{name}` is marked `@torch.jit.unused`: the file raises when it is called"
    return Note(
        "TA111",
        message,
        f"let TorchScript compile `{name}`, or do not call it from what is exported",
        file=file,
        line=line,
        module=path,
        function=name,
        statement=text,
    )
