"""Says whether an artifact's output agrees with the eager model's, and if not, where and by how much.

|actual - expected| <= ATOL + RTOL * |expected|, a NaN equals a NaN, a list equals a tuple, mappings and
dataclasses are compared by name. Both sides raising is agreement; one side raising is not.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch

RTOL = 1e-5
ATOL = 1e-6

Kind = Literal["value", "nan", "shape", "dtype", "structure", "other", "raises", "crash", "hang"]


@dataclass(frozen=True, slots=True)
class Raised:
    """What a call did instead of returning."""

    type: str
    message: str
    file: str | None = None
    line: int | None = None


def outcome(run: Callable[[], object]) -> object:
    """What something returns, or `Raised`: a user's model may raise anything."""
    try:
        return run()
    except Exception as error:
        return Raised(type(error).__name__, str(error))


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The first difference by severity: what differs, at which output path, and the largest error if there is one."""

    kind: Kind
    where: str
    text: str
    max_abs_error: float | None = None
    excess: float = math.inf  # error over allowance, at its largest; infinite where no tolerance could help


def compare(expected: object, actual: object, *, rtol: float = RTOL, atol: float = ATOL) -> Disagreement | None:
    """None when `actual` agrees with `expected`; else what differs."""
    if isinstance(expected, Raised) or isinstance(actual, Raised):
        return _compare_raises(expected, actual)
    worst: Disagreement | None = None
    for found in _differences("output", expected, actual, rtol, atol):
        if found.kind not in ("value", "nan"):
            return found
        if worst is None or _size(found) > _size(worst):
            worst = found
    return worst


def _size(found: Disagreement) -> float:
    return math.inf if found.max_abs_error is None else found.max_abs_error


def _compare_raises(expected: object, actual: object) -> Disagreement | None:
    if isinstance(expected, Raised) and isinstance(actual, Raised):
        return None
    if isinstance(expected, Raised):
        return Disagreement("raises", "output", f"the model raises {expected.type}, the artifact returns a value")
    assert isinstance(actual, Raised)
    return Disagreement("raises", "output", f"the model returns a value, the artifact raises {actual.type}")


def _differences(where: str, expected: object, actual: object, rtol: float, atol: float) -> Iterator[Disagreement]:
    if isinstance(expected, torch.Tensor) or isinstance(actual, torch.Tensor):
        yield from _tensors(where, expected, actual, rtol, atol)
    elif _is_named(expected) or _is_named(actual):
        yield from _mappings(where, expected, actual, rtol, atol)
    elif _is_sequence(expected) or _is_sequence(actual):
        yield from _sequences(where, expected, actual, rtol, atol)
    else:
        yield from _plain(where, expected, actual, rtol, atol)


def _is_sequence(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_named(value: object) -> bool:
    return isinstance(value, Mapping) or (dataclasses.is_dataclass(value) and not isinstance(value, type))


def _items(value: object) -> dict[object, object] | None:
    """The named parts of a mapping or dataclass; None for anything else."""
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return None


def _mappings(where: str, expected: object, actual: object, rtol: float, atol: float) -> Iterator[Disagreement]:
    left, right = _items(expected), _items(actual)
    if left is None or right is None:
        yield from _named_against_plain(where, expected, actual, rtol, atol)
        return
    if not (isinstance(expected, Mapping) and isinstance(actual, Mapping)):
        left, right = _present(left), _present(right)
    if set(left) != set(right):
        names = sorted(map(str, set(left) ^ set(right)))
        yield Disagreement("structure", where, f"keys differ: {', '.join(names)}")
        return
    for key in left:
        yield from _differences(f"{where}.{key}", left[key], right[key], rtol, atol)


def _present(items: dict[object, object]) -> dict[object, object]:
    return {key: value for key, value in items.items() if value is not None}


def _named_against_plain(where: str, expected: object, actual: object, rtol: float, atol: float) -> Iterator[Disagreement]:
    """A dataclass may come back as the tuple of its fields: a traced graph knows no classes."""
    if dataclasses.is_dataclass(expected) and hasattr(actual, "_asdict"):
        yield from _mappings(where, expected, _present(actual._asdict()), rtol, atol)
    elif dataclasses.is_dataclass(expected) and _is_sequence(actual):
        fields = _items(expected)
        assert fields is not None
        yield from _sequences(where, tuple(_present(fields).values()), actual, rtol, atol)
    else:
        yield _kinds(where, expected, actual)


def _sequences(where: str, expected: object, actual: object, rtol: float, atol: float) -> Iterator[Disagreement]:
    if not (isinstance(expected, Sequence) and isinstance(actual, Sequence)):
        yield _kinds(where, expected, actual)
    elif len(expected) != len(actual):
        yield Disagreement("structure", where, f"{len(expected)} items expected, got {len(actual)}")
    else:
        for index, (left, right) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(f"{where}[{index}]", left, right, rtol, atol)


def _kinds(where: str, expected: object, actual: object) -> Disagreement:
    return Disagreement("structure", where, f"expected {_kind(expected)}, got {_kind(actual)}")


def _kind(value: object) -> str:
    return "none" if value is None else type(value).__name__


def _plain(where: str, expected: object, actual: object, rtol: float, atol: float) -> Iterator[Disagreement]:
    numbers = isinstance(expected, int | float | complex) and isinstance(actual, int | float | complex)
    if not numbers or isinstance(expected, bool) or isinstance(actual, bool):
        if type(expected) is not type(actual):
            yield _kinds(where, expected, actual)
        elif not isinstance(expected, torch.nn.Module) and expected != actual:
            yield Disagreement("other", where, f"expected {expected!r}, got {actual!r}")
        return
    assert isinstance(expected, int | float | complex)
    assert isinstance(actual, int | float | complex)
    yield from _tensors(where, torch.tensor(expected), torch.tensor(actual), rtol, atol)


def _tensors(where: str, expected: object, actual: object, rtol: float, atol: float) -> Iterator[Disagreement]:
    if not (isinstance(expected, torch.Tensor) and isinstance(actual, torch.Tensor)):
        yield _kinds(where, expected, actual)
    elif expected.dtype != actual.dtype:
        yield Disagreement("dtype", where, f"expected {_short(expected.dtype)}, got {_short(actual.dtype)}")
    elif expected.shape != actual.shape:
        yield Disagreement("shape", where, f"expected {_sizes(expected)}, got {_sizes(actual)}")
    elif expected.device != actual.device:
        yield Disagreement("other", where, f"expected device {expected.device}, got {actual.device}")
    else:
        yield from _values(where, expected, actual, rtol, atol)


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _sizes(tensor: torch.Tensor) -> str:
    return "[" + ", ".join(str(int(size)) for size in tensor.shape) + "]"


def dense(tensor: torch.Tensor) -> torch.Tensor:
    """The plain values of a tensor, whatever its layout or quantisation."""
    tensor = tensor.detach()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    return tensor.resolve_conj().resolve_neg()


def _values(where: str, expected: torch.Tensor, actual: torch.Tensor, rtol: float, atol: float) -> Iterator[Disagreement]:
    if expected.device.type == "meta" or expected.numel() == 0:
        return
    left, right = dense(expected), dense(actual)
    if torch.equal(left, right):
        return
    wide = torch.complex128 if left.is_complex() else torch.float64
    error = _distance(left, right, wide)
    yield from _wide_values(where, left.to(wide), right.to(wide), error, rtol, atol)


def _distance(expected: torch.Tensor, actual: torch.Tensor, wide: torch.dtype) -> torch.Tensor:
    """|actual - expected| in double precision; of integers exactly, though doubles have gaps beyond 2^53."""
    error = (actual.to(wide) - expected.to(wide)).abs()
    if expected.dtype != torch.int64:
        return error
    return torch.where(error < 2.0**62, (actual - expected).abs().double(), error)


def _wide_values(
    where: str, expected: torch.Tensor, actual: torch.Tensor, error: torch.Tensor, rtol: float, atol: float
) -> Iterator[Disagreement]:
    finite = expected.isfinite() & actual.isfinite()
    same = (expected == actual) & ~finite | (expected.isnan() & actual.isnan())
    error = torch.where(finite, error, 0.0)
    largest = float(error.max())
    if bool((~same & ~finite).any()):
        text = "one side is NaN or infinite where the other is not"
        yield Disagreement("nan", where, text, largest if largest > 0 else None)
        return
    allowed = (atol + rtol * expected.abs()).where(finite, 1.0)
    beyond = (error > allowed) | error.isinf()
    if bool(beyond.any()):
        excess = float(torch.where(beyond, error / allowed, 0.0).max())
        yield Disagreement("value", where, f"differs by up to {largest:.6g}", largest, excess)
