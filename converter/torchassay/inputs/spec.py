"""The input-spec grammar: `[NAME=]DTYPE[DIM,…][{DOMAIN}][@LAYOUT]`, constants, lists and dict keys.

The validator parses the same grammar; `testdata/specs/input_specs.json` tests both parsers.
"""

from __future__ import annotations

from typing import NoReturn

from torchassay.base.closest import closest
from torchassay.inputs.kinds import (
    COMPLEX_DTYPES,
    DTYPES,
    FLOAT_DTYPES,
    INTEGER_DTYPES,
    LAYOUTS,
    SCALAR_TYPES,
    Dim,
    InputSpec,
    Key,
    KeysSpec,
    ListSpec,
    ScalarSpec,
    TensorSpec,
    ValueDomain,
    ValueSpec,
)
from torchassay.inputs.scanner import Scanner, SpecError
from torchassay.inputs.spec_values import parse_constant, parse_domain

__all__ = [
    "Dim",
    "InputSpec",
    "Key",
    "KeysSpec",
    "ListSpec",
    "ScalarSpec",
    "SpecError",
    "TensorSpec",
    "ValueDomain",
    "ValueSpec",
    "parse_input_spec",
]

MAX_SIZE = 2**63 - 1
_ALIASES = {
    "half": "f16",
    "float16": "f16",
    "bfloat16": "bf16",
    "float": "f32",
    "float32": "f32",
    "double": "f64",
    "float64": "f64",
    "int8": "i8",
    "int16": "i16",
    "short": "i16",
    "int32": "i32",
    "int": "i64",
    "int64": "i64",
    "long": "i64",
    "uint8": "u8",
    "byte": "u8",
    "complex64": "c64",
    "complex128": "c128",
}
_CONSTANT_WORDS = ("true", "false", "none", "nan", "inf")


def parse_input_spec(text: str) -> InputSpec:
    """One `--input`; SpecError with the position of what is wrong."""
    scanner = Scanner(text)
    if not scanner.peek():
        scanner.fail("an input spec is empty", at=0, help="write for example `x=f32[1,3]`")
    name = _name(scanner)
    value = _value(scanner)
    scanner.end(after="the spec")
    return InputSpec(name, value)


def _name(scanner: Scanner) -> str | None:
    """The path before `=`, if there is one."""
    end = _find_equals(scanner.text)
    if end is None:
        return None
    start = scanner.skip()
    if scanner.word() is None:
        scanner.fail("expected a name before `=`")
    while scanner.skip() < end:
        _path_step(scanner)
    name = scanner.text[start:end].rstrip(" \t")
    scanner.position = end + 1
    return name


def _find_equals(text: str) -> int | None:
    """Where the first `=` stands that is in no text and in no braces."""
    quoted = False
    for at, character in enumerate(text):
        if character == '"' and text[at - 1 : at] != "\\":
            quoted = not quoted
        if quoted:
            continue
        if character == "{":
            return None
        if character == "=":
            return at
    return None


def _path_step(scanner: Scanner) -> None:
    if scanner.take("."):
        if scanner.word() is None:
            scanner.fail("expected a name after `.`")
        return
    if not scanner.take("["):
        scanner.fail(
            f"unexpected `{scanner.peek()}` in a name",
            help='a name is a path such as `batch.ids`, `pair[0]` or `d["a b"]`',
        )
    start = scanner.skip()
    if scanner.peek() == '"':
        scanner.quoted()
    elif (number := scanner.number()) is None or not number.isdigit():
        scanner.fail("expected an index or a text in `[]`", at=start)
    if not scanner.take("]"):
        scanner.fail("missing `]` in a name")


def _value(scanner: Scanner) -> ValueSpec:
    next_character = scanner.peek()
    if not next_character:
        scanner.fail("expected a dtype or a value", help="write for example `f32[1,3]`")
    if next_character == "{":
        return _keys(scanner)
    if next_character == '"' or next_character.isdigit() or next_character in "+-":
        return parse_constant(scanner)
    start = scanner.skip()
    word = scanner.word()
    if word is None:
        scanner.fail(f"unexpected `{next_character}`", help="write for example `f32[1,3]`")
    return _from_word(scanner, word, start)


def _from_word(scanner: Scanner, word: str, start: int) -> ValueSpec:
    bracket = scanner.peek() == "["
    if word in DTYPES and bracket:
        return _tensor(scanner, word)
    if word == "list":
        return _list(scanner)
    if word in _CONSTANT_WORDS:
        scanner.position = start
        return parse_constant(scanner)
    if word in SCALAR_TYPES and not bracket:
        values = parse_domain(scanner, word) if scanner.peek() == "{" else None
        return ScalarSpec(word, values)
    if word in DTYPES:
        scanner.fail(f"`{word}` needs its sizes", help=f"`{word}[]` is a 0-d tensor")
    return _unknown(scanner, word, start, bracket=bracket)


def _unknown(scanner: Scanner, word: str, start: int, *, bracket: bool) -> NoReturn:
    if bracket:
        guess = _ALIASES.get(word.lower()) or closest(word, DTYPES)
        listed = f"a dtype is one of {' '.join(DTYPES)}"
        scanner.fail(f"unknown dtype `{word}`", at=start, help=f"did you mean `{guess}`" if guess else listed)
    if (alias := _ALIASES.get(word.lower())) is not None:
        scanner.fail(f"unknown value `{word}`", at=start, help=f"did you mean `{alias}[]`")
    guess = closest(word, (*_CONSTANT_WORDS, *SCALAR_TYPES, "list"))
    advice = f"did you mean `{guess}`" if guess else f'a text stands in quotes: `"{word}"`'
    scanner.fail(f"unknown value `{word}`", at=start, help=advice)


def _tensor(scanner: Scanner, dtype: str) -> TensorSpec:
    dims = _dims(scanner)
    values = parse_domain(scanner, dtype) if scanner.peek() == "{" else None
    layout = _layout(scanner, dtype, len(dims)) if scanner.take("@") else None
    if layout is not None and scanner.peek() == "{":
        scanner.fail("the value domain stands before the layout")
    return TensorSpec(dtype, dims, values, layout)


def _dims(scanner: Scanner) -> tuple[Dim, ...]:
    scanner.take("[")
    dims: list[Dim] = []
    if scanner.take("]"):
        return ()
    while True:
        dims.append(_dim(scanner, dims))
        if scanner.take("]"):
            return tuple(dims)
        if not scanner.take(","):
            at_end = not scanner.peek()
            scanner.fail("missing `]`" if at_end else "expected `,` or `]` after a size")


def _dim(scanner: Scanner, before: list[Dim]) -> Dim:
    start = scanner.skip()
    symbol = scanner.word()
    if symbol is None:
        size = _size(scanner, "expected a size or a symbol")
        if scanner.ahead(".."):
            scanner.fail("a range of sizes needs a symbol", at=start, help="write `T:1..512`")
        return Dim(size=size)
    dim = _range(scanner, symbol) if scanner.take(":") else Dim(symbol=symbol)
    known = next((d for d in before if d.symbol == symbol and d.lo is not None), None)
    if known is not None and dim.lo is not None and dim != known:
        scanner.fail(f"`{symbol}` has two different ranges", at=start)
    return dim


def _range(scanner: Scanner, symbol: str) -> Dim:
    start = scanner.skip()
    lo = _size(scanner, "expected the smallest size after `:`")
    if not scanner.take(".."):
        scanner.fail("expected `..` in a range of sizes", help=f"write `{symbol}:{lo}..8`")
    hi = _size(scanner, "expected the largest size after `..`")
    if hi < lo:
        scanner.fail(f"the range {lo}..{hi} is empty", at=start)
    step = 1
    if scanner.take(":"):
        at = scanner.skip()
        step = _size(scanner, "expected a step after `:`")
        if step < 1:
            scanner.fail("a step is at least 1", at=at)
    return Dim(symbol=symbol, lo=lo, hi=hi, step=step)


def _size(scanner: Scanner, expected: str) -> int:
    start = scanner.skip()
    text = scanner.number()
    if text is None:
        scanner.fail(expected)
    if not text.isdigit():
        scanner.fail("a size is a whole number from 0", at=start)
    if len(text) > 19 or int(text) > MAX_SIZE:
        scanner.fail("a size is at most 9223372036854775807", at=start)
    return int(text)


def _layout(scanner: Scanner, dtype: str, rank: int) -> str:
    start = scanner.skip()
    word = scanner.word()
    if word not in LAYOUTS:
        guess = closest(word or "", LAYOUTS)
        advice = f"did you mean `{guess}`" if guess else f"a layout is {' or '.join(LAYOUTS)}"
        scanner.fail(f"unknown layout `{word or ''}`", at=start, help=advice)
    if word == "channels_last" and rank not in (4, 5):
        scanner.fail("channels_last needs 4 or 5 dimensions", at=start)
    if word == "grad" and (dtype in INTEGER_DTYPES or dtype == "bool"):
        advice = f"only {' '.join(FLOAT_DTYPES + COMPLEX_DTYPES)} tensors require grad"
        scanner.fail(f"a tensor of {dtype} cannot require grad", at=start, help=advice)
    return word


def _list(scanner: Scanner) -> ListSpec:
    if not scanner.take("{"):
        scanner.fail("`list` needs its lengths", help="write `list{1..4}`")
    start = scanner.skip()
    lo = _size(scanner, "expected the smallest length")
    hi = _size(scanner, "expected the largest length") if scanner.take("..") else lo
    if hi < lo:
        scanner.fail(f"the range {lo}..{hi} is empty", at=start)
    if not scanner.take("}"):
        scanner.fail("missing `}`")
    return ListSpec(lo, hi)


def _keys(scanner: Scanner) -> KeysSpec:
    scanner.take("{")
    keys: list[Key] = []
    while True:
        start = scanner.skip()
        name = scanner.quoted() if scanner.peek() == '"' else scanner.word()
        if name is None:
            scanner.fail("expected a key", help="write `{ids,mask?}`")
        if any(key.name == name for key in keys):
            scanner.fail(f"the key `{name}` is given twice", at=start)
        keys.append(Key(name, optional=scanner.take("?")))
        if scanner.take("}"):
            return KeysSpec(tuple(keys))
        if not scanner.take(","):
            at_end = not scanner.peek()
            scanner.fail("missing `}`" if at_end else "expected `,`, `?` or `}` after a key")
