"""TorchScript's types as a small lattice: what a recorded value is, and what two branches have in common."""

from __future__ import annotations

import ast
import dataclasses
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Type:
    """A type by name with its arguments; `?` is a type that is not known.

    `fields` names the parts of an operator's result, as in `x.max(0).values`, and of a `record`: a named tuple or an
    instance of a data class, which TorchScript gets as a tuple. `origin` is the place of the empty display whose items a
    `?` stands for.
    """

    name: str
    args: tuple[Type, ...] = ()
    fields: tuple[str, ...] = field(default=(), compare=False)
    origin: tuple[str, int, int] | None = field(default=None, compare=False)
    record: type | None = field(default=None, compare=False)

    def __str__(self) -> str:
        if self.name == "Tuple" and not self.args:
            return "Tuple[()]"
        return f"{self.name}[{', '.join(map(str, self.args))}]" if self.args else self.name


UNKNOWN = Type("?")
TENSOR = Type("Tensor")
ARRAY = Type("ndarray")
INT, FLOAT, BOOL, STR = Type("int"), Type("float"), Type("bool"), Type("str")
COMPLEX, NONE, DEVICE, DTYPE = Type("complex"), Type("None"), Type("Device"), Type("dtype")
LAYOUT = Type("layout")
NEVER = Type("never")
ANY = Type("Any")
NUMBERS = (BOOL, INT, FLOAT)


def list_of(item: Type) -> Type:
    return Type("List", (item,))


def tuple_of(items: Sequence[Type]) -> Type:
    return Type("Tuple", tuple(items))


def record_of(kind: type, fields: Sequence[str], items: Sequence[Type]) -> Type:
    """The type of an object of a class with these fields."""
    return Type("Tuple", tuple(items), tuple(fields), record=kind)


def is_named(kind: type) -> bool:
    """Whether a class is one of named tuples."""
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def has_fields(kind: type) -> bool:
    """Whether a class is one of named tuples, or a data class that is not a mapping as well."""
    return is_named(kind) or (dataclasses.is_dataclass(kind) and not issubclass(kind, Mapping))


def fields_of(kind: Any) -> list[str]:
    """The names of the fields of such a class."""
    if is_named(kind):
        return list(kind._fields)
    return [field.name for field in dataclasses.fields(kind)]


def dict_of(key: Type, value: Type) -> Type:
    return Type("Dict", (key, value))


def optional(item: Type) -> Type:
    return item if item.name in ("Optional", "None", "?") else Type("Optional", (item,))


def is_optional(kind: Type) -> bool:
    return kind.name == "Optional"


def bare(kind: Type) -> Type:
    """The type without its None."""
    return kind.args[0] if is_optional(kind) else kind


def is_tensor(kind: Type) -> bool:
    """Tensors, arrays that stand for tensors, and what is not known: that is nearly always a tensor."""
    return kind in (TENSOR, UNKNOWN, ARRAY)


_SIMPLE: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT, str: STR, complex: COMPLEX}


def type_of(value: object) -> Type:
    """The type of a value as TorchScript sees it."""
    if isinstance(value, torch.Tensor):
        return TENSOR
    if type(value) in _SIMPLE:
        return _SIMPLE[type(value)]
    if value is None:
        return NONE
    if isinstance(value, torch.Size):
        return list_of(INT)
    if has_fields(type(value)):
        labels = fields_of(type(value))
        return record_of(type(value), labels, [type_of(getattr(value, label)) for label in labels])
    if isinstance(value, tuple):
        fields = getattr(type(value), "__match_args__", ()) if type(value).__module__ == "torch.return_types" else ()
        return Type("Tuple", tuple(type_of(part) for part in value), fields)
    if isinstance(value, (list, range, deque, set)):
        return list_of(join_all([type_of(part) for part in value]))
    if isinstance(value, Mapping):
        keys = join_all([type_of(key) for key in value])
        return dict_of(keys, join_all([*_missing(value), *(type_of(part) for part in value.values())]))
    return _opaque(value)


def _missing(value: Mapping[object, object]) -> list[Type]:
    """What a `Counter` or `defaultdict` gives for a key that it has not."""
    factory = getattr(value, "default_factory", int if isinstance(value, Counter) else None)
    return [type_of(factory())] if factory in (int, float, bool, str, list) and factory is not None else []


def _opaque(value: object) -> Type:
    if isinstance(value, torch.device):
        return DEVICE
    if isinstance(value, torch.dtype):
        return DTYPE
    if isinstance(value, torch.layout):
        return LAYOUT
    if type(value).__module__ == "numpy":
        return _numpy(value)
    if isinstance(value, int):
        return INT
    return FLOAT if isinstance(value, float) else UNKNOWN


def _numpy(value: object) -> Type:
    if type(value).__name__ == "ndarray":
        return ARRAY
    item = getattr(value, "item", lambda: None)()
    return _SIMPLE.get(type(item), UNKNOWN)


def join_all(kinds: Sequence[Type]) -> Type:
    """The type that a container of such items has; UNKNOWN for an empty one."""
    found = NEVER
    for kind in kinds:
        joined = join(found, kind)
        if joined is None:
            return ANY
        found = joined
    return UNKNOWN if found == NEVER else found


def join(left: Type, right: Type) -> Type | None:
    """The type that holds both, None when TorchScript has none."""
    if right in (left, NEVER):
        return left
    if left == NEVER:
        return right
    if UNKNOWN in (left, right):
        return right if left == UNKNOWN else left
    if NONE in (left, right):
        return optional(right if left == NONE else left)
    if is_optional(left) or is_optional(right):
        inner = join(bare(left), bare(right))
        return None if inner is None else optional(inner)
    return _join_numbers(left, right) or _join_containers(left, right)


def _join_numbers(left: Type, right: Type) -> Type | None:
    if left in NUMBERS and right in NUMBERS:
        return FLOAT if FLOAT in (left, right) else INT
    if {left.name, right.name} <= {"Tensor", "ndarray", "bool", "int", "float", "complex"}:
        return TENSOR if is_tensor(left) or is_tensor(right) else COMPLEX
    if {left.name, right.name} <= {"dtype", "layout", "int"}:
        return DTYPE
    return None


def _join_containers(left: Type, right: Type) -> Type | None:
    if left.name == right.name and len(left.args) == len(right.args):
        parts = [join(one, two) for one, two in zip(left.args, right.args, strict=True)]
        if all(part is not None for part in parts):
            found = tuple(part for part in parts if part is not None)
            same = left.record is right.record and left.fields == right.fields
            return Type(left.name, found, left.fields, record=left.record) if same else Type(left.name, found)
    if {left.name, right.name} <= {"Tuple", "List"}:
        item = join_all([*left.args, *right.args])
        return None if item == ANY else list_of(item)
    return None


def is_subtype(part: Type, whole: Type) -> bool:
    """Whether TorchScript lets a `part` be assigned to a variable of type `whole` without help."""
    if part in (whole, NEVER) or UNKNOWN in (part, whole) or whole == ANY:
        return True
    if is_tensor(part) and is_tensor(whole):
        return True
    if is_optional(whole):
        return part == NONE or is_subtype(bare(part), bare(whole))
    if part.name in ("dtype", "layout", "int") and whole.name in ("dtype", "layout"):
        return True
    if part.name == whole.name and len(part.args) == len(whole.args):
        exact = part.name in ("List", "Dict")
        pairs = zip(part.args, whole.args, strict=True)
        return bool(part.args) and all(
            (a == b or UNKNOWN in (a, b) or (is_tensor(a) and is_tensor(b))) if exact else is_subtype(a, b) for a, b in pairs
        )
    return False


_SPELLED = {
    "?": "Tensor",
    "None": "Optional[Tensor]",
    "ndarray": "Tensor",
    "dtype": "int",
    "layout": "int",
    "Device": "Device",
    "never": "Tensor",
}


def spell(kind: Type) -> str:
    """The annotation text."""
    if kind.name == "Tuple" and not kind.args:
        return "Tuple[()]"
    if kind.args:
        return f"{kind.name}[{', '.join(spell(part) for part in kind.args)}]"
    return _SPELLED.get(kind.name, kind.name)


def annotation(kind: Type) -> ast.expr:
    """The annotation as syntax."""
    return ast.parse(spell(kind), mode="eval").body


def parse(text: str) -> Type:
    """The type that TorchScript itself prints, as in `Tuple[Tensor, Optional[Tensor]]`."""
    try:
        return _parsed(ast.parse(text, mode="eval").body)
    except SyntaxError:
        return UNKNOWN


def _parsed(node: ast.expr) -> Type:
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return Type(node.value.id, tuple(_parsed(part) for part in inner))
    if isinstance(node, ast.Name):
        return {"number": FLOAT, "NoneType": NONE, "Any": ANY}.get(node.id, Type(node.id))
    if isinstance(node, ast.Constant) and node.value is None:
        return NONE
    return UNKNOWN


def default(kind: Type) -> str | None:
    """Code for some value of the type: stands in where Python would have no value at all."""
    simple = {
        "Tensor": "torch.zeros([0])",
        "?": "torch.zeros([0])",
        "ndarray": "torch.zeros([0])",
        "int": "0",
        "float": "0.0",
        "bool": "False",
        "str": "''",
        "Optional": "None",
        "None": "None",
        "dtype": "torch.float32",
    }
    if kind.name in simple:
        return simple[kind.name]
    if kind.name == "List":
        return f"torch.jit.annotate({spell(kind)}, [])"
    if kind.name == "Dict":
        return f"torch.jit.annotate({spell(kind)}, {{}})"
    if kind.name == "Tuple":
        parts = [default(part) for part in kind.args]
        return None if None in parts else f"({', '.join(str(part) for part in parts)},)" if parts else "()"
    return None
