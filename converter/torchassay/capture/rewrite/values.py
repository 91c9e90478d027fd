"""What is known about a value while a function is specialised: known wholly, in part, or only by type."""

from __future__ import annotations

import ast
import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from torchassay.capture.rewrite.types import UNKNOWN, Type, fields_of, has_fields, join_all, list_of, record_of, tuple_of, type_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torchassay.capture.rewrite.frame import Scope


class Missing:
    """The sample of a dynamic value that could not be computed."""


MISSING = Missing()


class Value:
    """The root of all abstract values."""

    __slots__ = ()


@dataclass(slots=True)
class Static(Value):
    """A value that is fixed in the model: a number, a text, a module, a function, a configuration object."""

    data: Any


@dataclass(slots=True)
class Dynamic(Value):
    """A value that exists only when the model runs: its type, its code, and a recorded sample."""

    type: Type
    code: ast.expr
    sample: Any = MISSING
    place: tuple[Any, ...] | None = None  # the state attribute or variable it was read from, for refinement

    @property
    def known(self) -> bool:
        return self.sample is not MISSING


@dataclass(slots=True)
class Struct(Value):
    """A container whose structure is fixed and whose parts may be dynamic; `kind` is tuple, list, dict or a class."""

    kind: Any
    keys: list[Any]
    items: list[Value]
    origin: tuple[str, int, int] | None = None  # of an empty display: its place in the source

    def get(self, key: Any) -> Value | None:
        for known, item in zip(self.keys, self.items, strict=True):
            if type(known) is type(key) and known == key:
                return item
        return None


@dataclass(slots=True)
class Function(Value):
    """A nested function or lambda: its syntax and the frame whose variables it sees."""

    node: ast.FunctionDef | ast.Lambda
    frame: Scope
    defaults: list[Value] = field(default_factory=list)
    keyword_defaults: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Choice(Value):
    """One of several fixed values, selected at run time; each option comes with the test that selects it."""

    tests: list[Callable[[], ast.expr]]
    options: list[Value]
    chosen: int = 0
    open: bool = True  # whether the selector may have a value that selects nothing


@dataclass(slots=True)
class Super(Value):
    """`super()` inside a method."""

    owner: type
    instance: Value


@dataclass(slots=True)
class Method(Value):
    """A method of a value, not called yet."""

    owner: Value
    name: str


def tuple_value(items: list[Value]) -> Struct:
    return Struct(tuple, list(range(len(items))), items)


def kind_of(value: Value) -> Type:
    """The TorchScript type of a value; UNKNOWN when it has none."""
    if isinstance(value, Dynamic):
        return value.type
    if isinstance(value, Static):
        return type_of(plain(value.data))
    if isinstance(value, Struct) and value.kind is tuple:
        return tuple_of([kind_of(item) for item in value.items])
    if isinstance(value, Struct) and isinstance(value.kind, type) and has_fields(value.kind):
        return record_of(value.kind, value.keys, [kind_of(item) for item in value.items])
    if isinstance(value, Struct) and value.kind is list:
        return list_of(_item_kind(value))
    if isinstance(value, Struct) and value.kind is dict and not value.items:
        return Type("Dict", (UNKNOWN, _item_kind(value)))
    if isinstance(value, Struct) and value.kind is dict:
        keys = join_all([type_of(key) for key in value.keys])
        return Type("Dict", (keys, join_all([kind_of(item) for item in value.items])))
    return UNKNOWN


def _item_kind(value: Struct) -> Type:
    return join_all([kind_of(item) for item in value.items]) if value.items else Type("?", origin=value.origin)


def sample_of(value: Value) -> Any:
    """A concrete value of this kind, MISSING when there is none."""
    if isinstance(value, Static):
        return value.data
    if isinstance(value, Dynamic):
        return value.sample
    if isinstance(value, Struct):
        return _struct_sample(value)
    if isinstance(value, Choice):
        return sample_of(value.options[value.chosen])
    return MISSING


def _struct_sample(value: Struct) -> Any:
    parts = [sample_of(item) for item in value.items]
    if any(part is MISSING for part in parts):
        return MISSING
    if value.kind is dict:
        return dict(zip(value.keys, parts, strict=True))
    if value.kind in (tuple, list):
        return value.kind(parts)
    if value.kind is slice:
        return slice(*parts)
    try:
        return value.kind(**dict(zip(value.keys, parts, strict=True)))
    except Exception:
        return MISSING


def is_static(value: Value) -> bool:
    """Whether nothing in it waits for run time."""
    if isinstance(value, Struct):
        return value.kind in (tuple, list, dict, set) and all(is_static(item) for item in value.items)
    return isinstance(value, Static)


def unpack(value: Static) -> Value:
    """A static container that holds more than literals as a structure of its parts."""
    data = value.data
    if has_fields(type(data)):
        labels = fields_of(type(data))
        return Struct(type(data), list(labels), [Static(getattr(data, label)) for label in labels])
    if isinstance(data, (list, tuple)) and (literal(data) is None or isinstance(data, list)):
        return Struct(list if isinstance(data, list) else tuple, list(range(len(data))), [Static(x) for x in data])
    if isinstance(data, Mapping) and type(data).__module__ in ("builtins", "collections"):
        return Struct(dict, list(data), [Static(item) for item in data.values()])
    return value


def plain(value: object) -> object:
    """Numbers of other libraries and enumeration members as Python's own."""
    if isinstance(value, enum.Enum):
        return plain(value.value) if isinstance(value, (int, str)) else value
    if type(value).__module__ == "numpy" and type(value).__name__ != "ndarray" and hasattr(value, "item"):
        return value.item()
    if type(value) not in (bool, int, float, str) and isinstance(value, (int, float, str)):
        base: type = next(kind for kind in (int, float, str) if isinstance(value, kind))
        return base(value)
    return value


def literal(value: object) -> ast.expr | None:
    """The code of a known value; None when TorchScript has no literal for it."""
    value = plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        return ast.parse(f"float({str(value)!r})", mode="eval").body
    if value is None or value is Ellipsis or type(value) in (bool, int, float, str):
        return _signed(value)
    if type(value) is complex:
        return ast.parse(f"complex({value.real!r}, {value.imag!r})", mode="eval").body
    if isinstance(value, (torch.dtype, torch.memory_format, torch.layout)):
        return ast.parse(str(value), mode="eval").body
    if isinstance(value, torch.device):
        return ast.parse(f"torch.device({str(value)!r})", mode="eval").body
    if isinstance(value, slice):
        return _slice(value)
    return _container(value)


def _signed(value: object) -> ast.expr:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)  # type: ignore[arg-type]


def _slice(value: slice) -> ast.expr | None:
    parts = [None if part is None else literal(part) for part in (value.start, value.stop, value.step)]
    return ast.Slice(*parts)


def _container(value: object) -> ast.expr | None:
    if isinstance(value, (tuple, list, range)):
        parts = [literal(part) for part in value]
        if any(part is None for part in parts):
            return None
        found = [part for part in parts if part is not None]
        return ast.Tuple(found, ast.Load()) if isinstance(value, tuple) else ast.List(found, ast.Load())
    if type(value) is dict:
        keys = [literal(key) for key in value]
        items = [literal(part) for part in value.values()]
        if any(part is None for part in (*keys, *items)):
            return None
        return ast.Dict(list(keys), [part for part in items if part is not None])
    return None


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def expression(template: str, **parts: ast.expr) -> ast.expr:
    """Code from a template whose names in `parts` are replaced by expressions."""

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return parts.get(node.id, node)

    filled: ast.expr = Fill().visit(ast.parse(template, mode="eval").body)
    return filled


def call(function: str, *arguments: ast.expr, **keywords: ast.expr) -> ast.Call:
    """`function(arguments…)`."""
    target = ast.parse(function, mode="eval").body
    return ast.Call(target, list(arguments), [ast.keyword(key, value) for key, value in keywords.items()])
