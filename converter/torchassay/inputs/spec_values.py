"""Constants and value domains of the input-spec grammar: `0.5`, `"text"`, `{-1..1,nan}`, `{2,3,5}`."""

from __future__ import annotations

import math

from torchassay.inputs.kinds import INTEGER_LIMITS, Constant, Number, ScalarSpec, ValueDomain
from torchassay.inputs.scanner import Scanner

_FLAGS = ("nan", "inf")


def parse_constant(scanner: Scanner) -> ScalarSpec:
    """An argument that is no tensor and has one legal value."""
    start = scanner.skip()
    if scanner.peek() == '"':
        return _only("str", scanner.quoted())
    text = _signed_word(scanner)
    if text in ("true", "false"):
        return _only("bool", text == "true")
    if text == "none":
        return ScalarSpec("none")
    if text is not None and text.lstrip("+-") in _FLAGS:
        return _only("float", float(text))
    scanner.position = start
    text = scanner.number()
    if text is None:
        scanner.fail("expected a number")
    if text.lstrip("+-").isdigit():
        return _only("int", _integer(scanner, text, "int", start))
    return _only("float", _finite(scanner, text, start))


def _only(kind: str, value: Constant) -> ScalarSpec:
    return ScalarSpec(kind, ValueDomain(choices=(value,)))


def _signed_word(scanner: Scanner) -> str | None:
    sign = "-" if scanner.take("-") else "+" if scanner.take("+") else ""
    word = scanner.word()
    return None if word is None else sign + word


def parse_domain(scanner: Scanner, dtype: str) -> ValueDomain:
    """The legal values of `dtype`; the cursor stands on `{`."""
    scanner.take("{")
    if scanner.peek() == "}":
        scanner.fail("a value domain is empty", help="leave `{}` out to allow every value")
    start = scanner.skip()
    first = _element(scanner, dtype)
    if scanner.take(".."):
        return _range(scanner, dtype, first, start)
    choices = [first]
    while scanner.take(","):
        choices.append(_element(scanner, dtype))
    _close(scanner)
    return ValueDomain(choices=tuple(choices))


def _close(scanner: Scanner) -> None:
    if not scanner.take("}"):
        at_end = not scanner.peek()
        scanner.fail("missing `}`" if at_end else "expected `,` or `}` in a value domain")


def _range(scanner: Scanner, dtype: str, lo: Constant, start: int) -> ValueDomain:
    if dtype == "str":
        scanner.fail("texts have no range", at=start, help='list them: `{"a","b"}`')
    hi = _element(scanner, dtype)
    low, high = _bound(scanner, lo, start), _bound(scanner, hi, start)
    if low is not None and high is not None and low > high:
        scanner.fail("the range of values is empty", at=start)
    if low == math.inf or high == -math.inf:
        scanner.fail("the range of values is empty", at=start)
    nan, inf = _flags(scanner, dtype)
    _close(scanner)
    if dtype == "bool":
        return ValueDomain(choices=tuple(v for v in (False, True) if low <= v <= high))
    open_low, open_high = low == -math.inf, high == math.inf
    return ValueDomain(None if open_low else low, None if open_high else high, nan, inf)


def _bound(scanner: Scanner, value: Constant, start: int) -> Number:
    if isinstance(value, float) and math.isnan(value):
        scanner.fail("nan is no bound of a range", at=start, help="write `{LO..HI,nan}`")
    assert isinstance(value, (bool, int, float))
    return value


def _flags(scanner: Scanner, dtype: str) -> tuple[bool, bool]:
    """`,nan` and `,inf` after a range."""
    found: set[str] = set()
    while scanner.take(","):
        start = scanner.skip()
        word = scanner.word()
        if word not in _FLAGS:
            scanner.fail(
                "only nan and inf may follow a range",
                at=start,
                help="values are either one range or a list of choices",
            )
        if not _is_float(dtype):
            scanner.fail(f"{dtype} has no {word}", at=start)
        found.add(word)
    return "nan" in found, "inf" in found


def _element(scanner: Scanner, dtype: str) -> Constant:
    """One bound or choice, checked against the dtype."""
    start = scanner.skip()
    if scanner.peek() == '"':
        text = scanner.quoted()
        if dtype != "str":
            scanner.fail(f"a value of {dtype} is no text", at=start)
        return text
    if dtype == "str":
        scanner.fail("expected a text in quotes")
    word = _signed_word(scanner)
    if word is not None:
        return _word_value(scanner, dtype, word, start)
    scanner.position = start
    number = scanner.number()
    if number is None:
        scanner.fail("expected a value", help="write `{LO..HI}` or `{a,b,c}`; 0.5, not .5")
    return _number_value(scanner, dtype, number, start)


def _word_value(scanner: Scanner, dtype: str, word: str, start: int) -> Constant:
    if word in ("true", "false") and dtype == "bool":
        return word == "true"
    if word.lstrip("+-") in _FLAGS:
        if not _is_float(dtype):
            scanner.fail(f"{dtype} has no {word.lstrip('+-')}", at=start)
        return float(word)
    return scanner.fail(f"`{word}` is no value of {dtype}", at=start)


def _number_value(scanner: Scanner, dtype: str, text: str, start: int) -> Number:
    if _is_float(dtype):
        return _finite(scanner, text, start)
    if dtype == "bool":
        if text not in ("0", "1"):
            scanner.fail(f"`{text}` is no value of bool", at=start, help="write true or false")
        return text == "1"
    return _integer(scanner, text, dtype, start)


def _is_float(dtype: str) -> bool:
    return dtype in ("f16", "bf16", "f32", "f64", "c64", "c128", "float")


def _finite(scanner: Scanner, text: str, start: int) -> float:
    value = float(text)
    if math.isinf(value):
        scanner.fail(f"`{text}` is too large for a double", at=start)
    return value


def _integer(scanner: Scanner, text: str, dtype: str, start: int) -> int:
    """A whole number; an exponent is allowed as long as the value is whole and exact."""
    lo, hi = INTEGER_LIMITS[dtype]
    if text.lstrip("+-").isdigit():
        value = int(text) if len(text) <= 40 else hi + 1
    else:
        real = float(text)
        if math.isinf(real) or real != int(real):
            scanner.fail(f"`{text}` is no whole number", at=start)
        value = int(real)
    if not lo <= value <= hi:
        scanner.fail(f"`{text}` does not fit {dtype} ({lo}..{hi})", at=start)
    return value
