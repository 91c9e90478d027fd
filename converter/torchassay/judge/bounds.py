"""Shows that a condition cannot turn: follows the declared ranges of the inputs through the model, operator by operator.

An operator that this does not know yields "anything", so a condition behind it stays undecided. The analysis
follows the paths of a few calls; a condition counts as settled when every evaluation on them was settled alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch

from torchassay.explore.counterexample import Place
from torchassay.explore.instrument import Instrument, functions_of
from torchassay.explore.literals import collect
from torchassay.explore.pair import guarded
from torchassay.explore.probe import Probe
from torchassay.inputs import tree
from torchassay.inputs.domain import Domain
from torchassay.inputs.draw import float_bounds
from torchassay.inputs.dtypes import dtype_name
from torchassay.inputs.kinds import INTEGER_LIMITS, TensorSpec, ValueDomain
from torchassay.judge import interval as iv
from torchassay.judge.interval import ANYTHING, Interval

if TYPE_CHECKING:
    from torchassay.inputs.call import Call
    from torchassay.loading.subject import Subject

_SAME = frozenset((
    "view", "reshape", "flatten", "permute", "transpose", "t", "contiguous", "clone", "detach", "squeeze",
    "unsqueeze", "expand", "expand_as", "view_as", "reshape_as", "__getitem__", "select", "narrow", "chunk", "split",
    "unbind", "roll", "flip", "sort", "max", "min", "amax", "amin", "median", "cummax", "cummin", "index_select",
    "gather", "take", "masked_select", "repeat", "tile", "movedim", "swapaxes", "double", "float", "unfold", "item",
    "diagonal", "tril_row", "broadcast_to", "ravel", "__iter__", "alias", "repeat_interleave", "max_pool1d",
    "max_pool2d", "topk", "kthvalue", "T", "mT", "__get__",
))  # fmt: skip
_SHAPE_ONLY = frozenset(
    ["size", "dim", "numel", "stride", "is_contiguous", "__len__", "is_floating_point", "is_complex", "data_ptr"]
)
_COMPARISONS = {
    "gt": ">", "__gt__": ">", "greater": ">", "lt": "<", "__lt__": "<", "less": "<", "ge": ">=", "__ge__": ">=",
    "le": "<=", "__le__": "<=", "eq": "==", "__eq__": "==", "ne": "!=", "__ne__": "!=",
}  # fmt: skip
_UNARY: dict[str, Callable[[Interval], Interval]] = {
    "abs": iv.magnitude, "__abs__": iv.magnitude, "absolute": iv.magnitude, "neg": iv.negative,
    "__neg__": iv.negative, "square": iv.square, "relu": lambda value: iv.clamp(value, 0.0, None),
    "exp": iv.monotone(math.exp), "sqrt": iv.monotone(math.sqrt), "log": iv.monotone(math.log),
    "log1p": iv.monotone(math.log1p), "floor": iv.monotone(math.floor), "ceil": iv.monotone(math.ceil),
    "round": iv.monotone(round), "long": iv.monotone(math.trunc), "int": iv.monotone(math.trunc),
    "sigmoid": iv.within(0.0, 1.0), "softmax": iv.within(0.0, 1.0), "tanh": iv.within(-1.0, 1.0),
    "sin": iv.within(-1.0, 1.0), "cos": iv.within(-1.0, 1.0), "erf": iv.within(-1.0, 1.0),
    "logical_not": iv.not_, "__invert__": iv.not_, "mean": lambda value: value,
}  # fmt: skip
_BINARY: dict[str, Callable[[Interval, Interval], Interval]] = {
    "add": iv.add, "__add__": iv.add, "__radd__": iv.add, "sub": iv.subtract, "__sub__": iv.subtract,
    "mul": iv.multiply, "__mul__": iv.multiply, "__rmul__": iv.multiply, "div": iv.divide,
    "__truediv__": iv.divide, "true_divide": iv.divide, "logical_and": iv.and_, "__and__": iv.and_,
    "logical_or": iv.or_, "__or__": iv.or_,
}  # fmt: skip
_EXACT = frozenset(("abs", "neg", "__neg__", "relu", "sigmoid", "softmax", "tanh", "logical_not", "__invert__",
                    "logical_and", "__and__", "logical_or", "__or__"))  # fmt: skip
_NONNEGATIVE = frozenset(("norm", "var", "std", "count_nonzero", "vector_norm", "cdist", "logsumexp_of_squares"))


class Bounds(Probe):
    """A probe that carries an interval for every tensor that depends on an input."""

    def __init__(self, literals: Iterable[float]) -> None:
        super().__init__()
        self._ranges: dict[int, Interval] = {}
        self._alive: list[object] = []
        self._read: dict[float, Interval] = {}
        self._literals = {float(number) for number in literals}
        self._spoiled = False
        self.settled: dict[int, set[bool | None]] = {}

    def declare(self, tensor: torch.Tensor, value: Interval) -> None:
        self._alive.append(tensor)
        self._ranges[id(tensor)] = value

    # Conditions.

    def compare(self, site: int, op: str, left: Any, right: Any) -> Any:
        result = super().compare(site, op, left, right)
        if self.active and not isinstance(result, torch.Tensor) and not self._ambiguous(left, right):
            self._settle(site, self._compared_numbers(op, left, right))
        return result

    def truth(self, site: int, value: Any) -> bool:
        outcome = super().truth(site, value)
        if self.active and isinstance(value, torch.Tensor):
            self._settle(site, iv.decided(self._of(value)))
        return outcome

    def subject(self, site: int, value: Any, literals: tuple[Any, ...]) -> Any:  # noqa: ARG002
        if self.active:
            self._settle(site, None)
        return value

    def _settle(self, site: int, value: bool | None) -> None:
        self.settled.setdefault(site, set()).add(value)

    def _ambiguous(self, left: Any, right: Any) -> bool:
        """A constant happens to equal a number that was read: another call will tell them apart."""
        return all(isinstance(value, int | float) and float(value) in self._read for value in (left, right))

    def _compared_numbers(self, op: str, left: Any, right: Any) -> bool | None:
        """Numbers are known when they were read from a tensor; the other side must be a constant of the source."""
        sides = [self._of_number(value) for value in (left, right)]
        if sides[0] is None or sides[1] is None or op not in _COMPARISONS.values() or self._spoiled:
            return None
        if not any(isinstance(value, int | float) and float(value) in self._read for value in (left, right)):
            return None
        return iv.compare(op, sides[0], sides[1])

    def _of_number(self, value: Any) -> Interval | None:
        if isinstance(value, torch.Tensor):
            return self._of(value)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        known = self._read.get(float(value))
        if known is not None:
            return known
        return Interval(float(value), float(value)) if float(value) in self._literals else None

    # Operators.

    def _ran(self, name: str, arguments: tuple[object, ...], result: object) -> None:
        if (name.endswith("_") and not name.endswith("__")) or name == "__setitem__":
            self._spoiled = True  # views of the same memory have changed as well
        tracked = [leaf for leaf in _tensors(arguments) if id(leaf) in self._ranges]
        if not tracked or name in _SHAPE_ONLY:
            return
        value = self._transfer(name, arguments, result)
        if isinstance(result, int | float) and not isinstance(result, bool):
            self._note_read(float(result), value)
        for tensor in _tensors((result,)):
            self.declare(tensor, value)

    def _note_read(self, number: float, value: Interval) -> None:
        known = self._read.get(number)
        self._read[number] = value if known is None else known.union(value)

    def _transfer(self, name: str, arguments: tuple[object, ...], result: object) -> Interval:
        if self._spoiled:
            return ANYTHING
        first = self._of(arguments[0])
        if name in _COMPARISONS and len(arguments) > 1:
            return iv.truth(iv.compare(_COMPARISONS[name], first, self._of(arguments[1])))
        if name in ("max", "min", "amax", "amin") and len(arguments) > 1 and isinstance(arguments[1], torch.Tensor):
            return first.union(self._of(arguments[1]))
        if name in _SAME or name in ("any", "all", "is_nonzero", "bool", "to", "type", "__int__", "__float__"):
            return self._converted(name, first, result)
        if name in ("isnan", "isinf", "isfinite"):
            return _tested(name, first)
        return self._computed(name, arguments, first, result)

    def _converted(self, name: str, first: Interval, result: object) -> Interval:
        if name in ("any", "all", "is_nonzero", "bool"):
            return iv.truth(iv.decided(first))
        whole = isinstance(result, int) or (isinstance(result, torch.Tensor) and not result.is_floating_point())
        if whole and not isinstance(result, bool):
            return iv.monotone(math.trunc)(first)
        return first.widened(_largest(result)) if name in ("to", "type", "float", "double", "half") else first

    def _computed(self, name: str, arguments: tuple[object, ...], first: Interval, result: object) -> Interval:
        value = ANYTHING
        if name in _UNARY:
            value = _UNARY[name](first)
        elif name in ("mul", "__mul__") and len(arguments) > 1 and arguments[0] is arguments[1]:
            value = iv.square(first)
        elif name in _BINARY and len(arguments) > 1:
            value = _BINARY[name](first, self._of(arguments[1]))
        elif name in ("pow", "__pow__") and len(arguments) > 1 and arguments[1] in (2, 2.0):
            value = iv.square(first)
        elif name == "sum":
            value = iv.total(first, _ratio(arguments[0], result))
        elif name in ("cat", "stack"):
            value = iv.union([self._of(leaf) for leaf in _tensors(arguments)] or [ANYTHING])
        elif name in _NONNEGATIVE:
            value = Interval(0.0, math.inf, first.nan or not first.bounded)
        elif name in ("clamp", "clip"):
            limits = [limit if isinstance(limit, int | float) else None for limit in (*arguments[1:3], None, None)]
            return iv.clamp(first, limits[0], limits[1]) if len(arguments) > 1 else ANYTHING
        return value if name in _EXACT else value.widened(_largest(result))

    def _of(self, value: object) -> Interval:
        """A tensor that no input reaches is a constant: its own values bound it."""
        if isinstance(value, torch.Tensor):
            known = self._ranges.get(id(value))
            if known is not None:
                return ANYTHING if self._spoiled else known
            return _constant(value)
        if isinstance(value, int | float):
            return ANYTHING if math.isnan(value) else Interval(float(value), float(value))
        return ANYTHING


def _tested(name: str, value: Interval) -> Interval:
    if name == "isnan":
        return iv.truth(None if value.nan else False)
    infinite = not value.bounded
    if name == "isinf":
        return iv.truth(None if infinite else False)
    return iv.truth(None if infinite or value.nan else True)


def _constant(tensor: torch.Tensor) -> Interval:
    if tensor.numel() == 0 or tensor.is_complex() or tensor.layout != torch.strided:
        return ANYTHING
    with torch._C.DisableTorchFunction():
        values = tensor.detach().double()
        if not bool(values.isfinite().all()):
            return ANYTHING
        return Interval(float(values.min()), float(values.max()))


def _tensors(values: Iterable[object]) -> list[torch.Tensor]:
    return [leaf for value in values for _, leaf in tree.walk(value) if isinstance(leaf, torch.Tensor)]


def _ratio(source: object, result: object) -> int:
    if isinstance(source, torch.Tensor) and isinstance(result, torch.Tensor) and result.numel():
        return max(1, source.numel() // result.numel())
    return 1


def _largest(result: object) -> float:
    if isinstance(result, torch.Tensor) and result.is_floating_point():
        return torch.finfo(result.dtype).max
    return 2.0**62


def settled_places(subject: Subject, domain: Domain, calls: Iterable[Call]) -> dict[Place, bool]:
    """Conditions that no legal value turns, with the way they go. Run it in a child process."""
    fresh = subject.fresh()
    probe = Bounds((*collect(fresh.model).numbers, *_attributes(fresh.model)))
    instrument = Instrument(probe)
    instrument.install(functions_of(fresh.model))
    settled: dict[int, set[bool | None]] = {}
    for call in calls:
        ready = call.clone()
        probe.start()
        _declare_inputs(probe, domain, ready)
        with torch.no_grad(), probe:
            guarded(lambda ready=ready: fresh.call(ready), 20.0)
        probe.stop()
    for site, values in probe.settled.items():
        settled.setdefault(site, set()).update(values)
    instrument.remove()
    return _by_place(instrument, settled)


def _attributes(model: torch.nn.Module) -> Iterator[float]:
    """Sizes and settings that modules hold: constants as far as one conversion goes."""
    for module in model.modules():
        yield from (float(value) for value in vars(module).values() if isinstance(value, int | float))


def _by_place(instrument: Instrument, settled: Mapping[int, set[bool | None]]) -> dict[Place, bool]:
    """A line counts when every condition on it is settled."""
    found: dict[Place, set[bool | None]] = {}
    for site, values in settled.items():
        found.setdefault(instrument.sites.conditions[site].place, set()).update(values if len(values) == 1 else {None})
    return {place: True in values for place, values in found.items() if None not in values}


def _declare_inputs(probe: Bounds, domain: Domain, call: Call) -> None:
    for leaf in domain.leaves:
        try:
            value = domain.leaf(call, leaf.path)
        except tree.PathError:
            continue
        if isinstance(value, torch.Tensor):
            probe.declare(value, _declared(leaf.alternatives, value))


def _declared(alternatives: Iterable[object], tensor: torch.Tensor) -> Interval:
    if tensor.is_complex():
        return ANYTHING
    name = dtype_name(tensor.dtype)
    for spec in alternatives:
        if isinstance(spec, TensorSpec) and spec.dtype == name:
            return _of_domain(spec.values or ValueDomain(), name)
    return ANYTHING


def _of_domain(values: ValueDomain, dtype: str) -> Interval:
    if values.choices is not None:
        numbers = [float(choice) for choice in values.choices if isinstance(choice, int | float)]
        finite = [number for number in numbers if math.isfinite(number)]
        return Interval(min(finite), max(finite)) if len(finite) == len(values.choices) else ANYTHING
    if dtype == "bool":
        return iv.EITHER
    if dtype in INTEGER_LIMITS:
        least, most = INTEGER_LIMITS[dtype]
        return Interval(float(least if values.lo is None else values.lo), float(most if values.hi is None else values.hi))
    lo, hi = float_bounds(values, dtype)
    return Interval(-math.inf if values.inf else lo, math.inf if values.inf else hi, values.nan)
