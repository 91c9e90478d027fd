"""What an input may be, as data: the values that the input-spec grammar describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Number: TypeAlias = bool | int | float
Constant: TypeAlias = bool | int | float | str | None

INTEGER_DTYPES = ("i8", "i16", "i32", "i64", "u8")
FLOAT_DTYPES = ("f16", "bf16", "f32", "f64")
COMPLEX_DTYPES = ("c64", "c128")
DTYPES = FLOAT_DTYPES + INTEGER_DTYPES + ("bool",) + COMPLEX_DTYPES
LAYOUTS = ("channels_last", "grad")
SCALAR_TYPES = ("int", "float", "bool", "str")

INTEGER_LIMITS: dict[str, tuple[int, int]] = {
    "i8": (-(2**7), 2**7 - 1),
    "i16": (-(2**15), 2**15 - 1),
    "i32": (-(2**31), 2**31 - 1),
    "i64": (-(2**63), 2**63 - 1),
    "u8": (0, 2**8 - 1),
    "int": (-(2**63), 2**63 - 1),
}


@dataclass(frozen=True, slots=True)
class Dim:
    """One size of a tensor: fixed, or a symbol that may carry a range."""

    size: int | None = None
    symbol: str | None = None
    lo: int | None = None
    hi: int | None = None
    step: int = 1

    @property
    def fixed(self) -> bool:
        return self.size is not None

    def admits(self, size: int) -> bool:
        """Whether this dimension alone allows `size`; a bare symbol allows every size from 1."""
        if self.size is not None:
            return size == self.size
        if self.lo is None or self.hi is None:
            return size >= 1
        return self.lo <= size <= self.hi and (size - self.lo) % self.step == 0


@dataclass(frozen=True, slots=True)
class ValueDomain:
    """Which values are legal: a range (with NaN and infinities if said so) or a set of choices.

    A None bound is open. In a range `inf` means both signs; in a set each value stands for itself.
    """

    lo: Number | None = None
    hi: Number | None = None
    nan: bool = False
    inf: bool = False
    choices: tuple[Constant, ...] | None = None


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A tensor's dtype, sizes, legal values and memory layout."""

    dtype: str
    dims: tuple[Dim, ...] = ()
    values: ValueDomain | None = None
    layout: str | None = None


@dataclass(frozen=True, slots=True)
class ScalarSpec:
    """An argument that is no tensor: `type` is int, float, bool, str or none."""

    type: str
    values: ValueDomain | None = None

    @property
    def constant(self) -> bool:
        choices = self.values.choices if self.values else None
        return self.type == "none" or (choices is not None and len(choices) == 1)


@dataclass(frozen=True, slots=True)
class ListSpec:
    """How many items a list input may have."""

    lo: int
    hi: int


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a dict input, and whether the dict may lack it."""

    name: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class KeysSpec:
    """Which keys a dict input has."""

    keys: tuple[Key, ...]


ValueSpec: TypeAlias = TensorSpec | ScalarSpec | ListSpec | KeysSpec


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One `--input`: a value, and the path of the argument that it describes (None: in order)."""

    name: str | None
    value: ValueSpec
