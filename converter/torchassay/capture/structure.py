"""The shape of nested values in TorchScript's terms: their types, their tensors, and the code that rebuilds them."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch

from torchassay.inputs import tree


class Unsupported(Exception):
    """A value that TorchScript has no type for; `path` says where it lies."""

    def __init__(self, path: str, value: object) -> None:
        super().__init__(f"`{path}` holds {describe(value)}, which TorchScript has no type for")
        self.path = path


def describe(value: object) -> str:
    """`a DynamicCache`, `an int`."""
    name = type(value).__qualname__
    return f"an `{name}`" if name[:1].lower() in "aeiou" else f"a `{name}`"


def tensors(value: object) -> Iterator[torch.Tensor]:
    """The tensors in a nested value, in order."""
    for _, leaf in tree.walk(value):
        if isinstance(leaf, torch.Tensor):
            yield leaf


def is_traceable(value: object) -> bool:
    """Whether the tracer itself takes this argument: tensors in plain containers, none of them empty."""
    if isinstance(value, torch.Tensor):
        return True
    if type(value) in (list, tuple):
        parts: list[object] = list(value)  # type: ignore[call-overload]
        if type(value) is list and len({_shape_of(part) for part in parts}) > 1:
            return False
        return bool(parts) and all(is_traceable(part) for part in parts)
    if type(value) is dict:
        uniform = len({_shape_of(part) for part in value.values()}) == 1
        return uniform and all(type(key) is str and is_traceable(part) for key, part in value.items())
    return False


def is_traceable_output(value: object) -> bool:
    """Whether the tracer can return this value as it is, with its structure kept."""
    if isinstance(value, Mapping) and (type(value) is not dict or any(map(_is_deep, value.values()))):
        return False
    return is_traceable(value)


def _is_deep(value: object) -> bool:
    """Inside a dictionary the tracer returns tensors and tuples of tensors, nothing deeper."""
    parts = value if isinstance(value, tuple) else (value,)
    return not all(isinstance(part, torch.Tensor) for part in parts)


def _shape_of(value: object) -> object:
    if type(value) in (list, dict):
        return type(value)
    if isinstance(value, tuple):
        return (tuple, len(value))
    return type(value) if not isinstance(value, torch.Tensor) else torch.Tensor


def type_of(value: object, path: str = "value") -> str:
    """The TorchScript annotation of a value: `Dict[str, Tensor]`."""
    simple = {bool: "bool", int: "int", float: "float", str: "str", complex: "complex"}
    if isinstance(value, torch.Tensor):
        return "Tensor"
    if value is None:
        return "Optional[Tensor]"
    if type(value) in simple:
        return simple[type(value)]
    if isinstance(value, torch.device):
        return "Device"
    if isinstance(value, torch.dtype):
        return "int"
    return _container_type(value, path)


def _container_type(value: object, path: str) -> str:
    parts = tree.children(value)
    if parts is None:
        raise Unsupported(path, value)
    kinds = [type_of(part, tree.join(path, step)) for step, part in parts]
    if isinstance(value, list):
        if len(set(kinds)) == 1:
            return f"List[{kinds[0]}]"
        if not kinds:
            return "List[Tensor]"
        raise Unsupported(path, value)
    if isinstance(value, Mapping):
        keys = {type(step).__name__ for step, _ in parts}
        if len(keys) <= 1 and len(set(kinds)) == 1:
            return f"Dict[{keys.pop()}, {kinds[0]}]"
        if not kinds:
            return "Dict[str, Tensor]"
        raise Unsupported(path, value)
    return f"Tuple[{', '.join(kinds)}]" if kinds else "Tuple[()]"


@dataclasses.dataclass(slots=True)
class Reader:
    """Code for the start of a generated method: checks what was frozen, takes the tensors out of the arguments."""

    lines: list[str] = dataclasses.field(default_factory=list)
    tensors: list[str] = dataclasses.field(default_factory=list)
    frozen: list[tuple[str, object]] = dataclasses.field(default_factory=list)

    def read(self, expression: str, value: object, path: str) -> None:
        """Adds the code for one argument, which `expression` denotes."""
        if isinstance(value, torch.Tensor):
            self.tensors.append(expression)
        elif (parts := tree.children(value)) is None:
            self._freeze(expression, value, path)
        else:
            self._count(expression, value, len(parts), path)
            for number, (step, part) in enumerate(parts):
                key = repr(step) if isinstance(value, Mapping) else str(number)
                self.read(f"{expression}[{key}]", part, tree.join(path, step))

    def _count(self, expression: str, value: object, count: int, path: str) -> None:
        if isinstance(value, (list, Mapping)):
            self._require(f"len({expression}) != {count}", f"`{path}` was frozen at {count} items by tracing")

    def _freeze(self, expression: str, value: object, path: str) -> None:
        self.frozen.append((path, value))
        if value is None:
            self._require(f"{expression} is not None", f"`{path}` was frozen at None by tracing")
        elif isinstance(value, float) and not math.isfinite(value):
            return
        elif isinstance(value, (bool, int, float, str)):
            self._require(f"{expression} != {value!r}", f"`{path}` was frozen at {value!r} by tracing")

    def _require(self, wrong: str, message: str) -> None:
        self.lines += [f"if {wrong}:", f"    raise RuntimeError({message!r})"]


class OutputField(NamedTuple):
    """A class that a generated method returns: its name and its fields with their types."""

    name: str
    fields: tuple[tuple[str, str], ...]


@dataclasses.dataclass(slots=True)
class Writer:
    """Code that rebuilds an output from the flat tensors that a traced method returns."""

    take: Callable[[], str]
    classes: dict[str, Any] = dataclasses.field(default_factory=dict)
    frozen: list[tuple[str, object]] = dataclasses.field(default_factory=list)
    flattened: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def write(self, value: object, path: str = "output") -> tuple[str, str]:
        """The expression and the type of one output value."""
        if isinstance(value, torch.Tensor):
            return self.take(), "Tensor"
        parts = tree.children(value)
        if parts is None:
            return self._constant(value, path)
        items = [self.write(part, tree.join(path, step)) for step, part in parts]
        if isinstance(value, list):
            return self._list(items)
        if isinstance(value, Mapping):
            return self._mapping(value, [step for step, _ in parts], items, path)
        return self._tuple(value, [step for step, _ in parts], items, path)

    def _constant(self, value: object, path: str) -> tuple[str, str]:
        if value is None:
            return "None", "Optional[Tensor]"
        if not isinstance(value, (bool, int, float, str)):
            raise Unsupported(path, value)
        self.frozen.append((path, value))
        text = repr(value) if not isinstance(value, float) or math.isfinite(value) else f"float('{value}')"
        return text, type(value).__name__

    @staticmethod
    def _list(items: Sequence[tuple[str, str]]) -> tuple[str, str]:
        code = ", ".join(text for text, _ in items)
        kinds = {kind for _, kind in items}
        if len(kinds) == 1:
            return f"[{code}]", f"List[{kinds.pop()}]"
        if not kinds:
            return "torch.jit.annotate(List[Tensor], [])", "List[Tensor]"
        return f"({code},)", f"Tuple[{', '.join(kind for _, kind in items)}]"

    def _mapping(self, value: object, keys: Sequence[object], items: Sequence[tuple[str, str]], path: str) -> tuple[str, str]:
        kinds = {kind for _, kind in items}
        key_types = {type(key).__name__ for key in keys}
        if type(value) is not dict:
            self.flattened.append((path, type(value).__name__))
        if len(kinds) == 1 and len(key_types) == 1 and key_types <= {"str", "int", "float", "bool"}:
            pairs = ", ".join(f"{key!r}: {text}" for key, (text, _) in zip(keys, items, strict=True))
            return f"{{{pairs}}}", f"Dict[{key_types.pop()}, {kinds.pop()}]"
        if key_types == {"str"}:
            pairs = ", ".join(f"{key!r}: {text}" for key, (text, _) in zip(keys, items, strict=True))
            return f"torch.jit.annotate(Dict[str, Any], {{{pairs}}})", "Dict[str, Any]"
        raise Unsupported(path, value)

    def _tuple(self, value: object, keys: Sequence[object], items: Sequence[tuple[str, str]], path: str) -> tuple[str, str]:
        if tree.is_namedtuple(value) or not isinstance(value, tuple):
            if not isinstance(value, tuple):
                self.flattened.append((path, type(value).__name__))
            return self._record(type(value).__name__, [str(key) for key in keys], items)
        code = ", ".join(text for text, _ in items)
        return (f"({code},)" if items else "()"), f"Tuple[{', '.join(kind for _, kind in items)}]"

    def _record(self, name: str, fields: Sequence[str], items: Sequence[tuple[str, str]]) -> tuple[str, str]:
        title = re.sub(r"\W", "_", name) or "Output"
        while title in self.classes:
            title += "_"
        hints = {field: _as_type(kind, self.classes) for field, (_, kind) in zip(fields, items, strict=True)}
        self.classes[title] = NamedTuple(title, list(hints.items()))
        return f"{title}({', '.join(text for text, _ in items)})", title


def _as_type(kind: str, classes: Mapping[str, Any]) -> Any:
    """The typing object of an annotation, for a NamedTuple that TorchScript reads."""
    import typing

    scope = {name: getattr(typing, name) for name in ("List", "Dict", "Tuple", "Optional", "Any")}
    names = {**scope, "Tensor": torch.Tensor, "Device": torch.device, **classes}
    return eval(kind, names)  # noqa: S307 - an annotation that we wrote
