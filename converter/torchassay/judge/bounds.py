"""Shows that a condition cannot turn: follows the declared ranges of the inputs through the model, operator by operator.

An operator that this does not know yields "anything", so a condition behind it stays undecided. The analysis
follows the paths of a few calls; a condition counts as settled when every evaluation on them was settled alike.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from torchassay.base.child import is_user_file
from torchassay.explore.counterexample import Place
from torchassay.explore.functions import functions_of
from torchassay.explore.instrument import Condition, Instrument
from torchassay.explore.literals import collect
from torchassay.explore.pair import guarded
from torchassay.explore.probe import Probe
from torchassay.inputs import tree
from torchassay.inputs.domain import Domain
from torchassay.inputs.draw import float_bounds
from torchassay.inputs.dtypes import dtype_name
from torchassay.inputs.kinds import INTEGER_LIMITS, TensorSpec, ValueDomain
from torchassay.judge import interval as iv
from torchassay.judge import transfer
from torchassay.judge.interval import ANYTHING, Interval
from torchassay.judge.numbers import Numbers
from torchassay.judge.order import Order
from torchassay.judge.units import Units
from torchassay.judge.weights import Weights

if TYPE_CHECKING:
    from torchassay.inputs.call import Call
    from torchassay.loading.subject import Subject

_SHAPE_ONLY = frozenset(
    ["size", "dim", "numel", "stride", "is_contiguous", "__len__", "is_floating_point", "is_complex", "data_ptr"]
)
_FROM_PYTHON = frozenset(("tensor", "as_tensor", "asarray", "from_numpy", "frombuffer", "new_tensor", "full", "scalar_tensor",
                          "full_like", "new_full", "linspace", "arange"))  # fmt: skip
_LEAVES = frozenset(("numpy", "tolist", "__array__", "__dlpack__", "data_ptr"))


class Bounds(Probe):
    """A probe that carries an interval for every tensor that depends on an input."""

    def __init__(self, literals: Iterable[float]) -> None:
        super().__init__()
        self._ranges: dict[int, Interval] = {}
        self._alive: list[object] = []
        self._python_numbers = Numbers(literals)
        self._order = Order()
        self._times: Counter[int] = Counter()  # how often each condition was met in this call
        self._units, self._weights = Units(), Weights(self._of)
        self._tested: tuple[bool, bool | None] | None = None  # what a test of whole tensors has just answered
        self._spoiled = False
        self._left = False  # something left the tensor world, so that Python may have made another tensor from it
        self._constants: set[int] = set()
        self._keywords: Mapping[str, object] = {}
        self._written: tuple[object, ...] = ()  # operands of the comparison at work that stand in the source
        self.conditions: Sequence[Condition] = ()
        self.reads: dict[Place, set[bool]] = {}  # where numbers leave the tensor world: whether each could be no other
        # What is known of each condition, by the how manieth time it is met in a call.
        self.settled: dict[tuple[int, int], set[bool | None]] = {}

    def fix(self, tensors: Iterable[torch.Tensor]) -> None:
        """Tensors that are what they are, whatever is read from the inputs."""
        for tensor in tensors:
            self._alive.append(tensor)
            self._constants.add(id(tensor))

    def start(self) -> None:
        super().start()
        self._python_numbers.forget()
        self._order, self._times = Order(), Counter()
        self._units, self._weights, self._left = Units(), Weights(self._of), False

    def declare(self, value: object, bound: Interval) -> None:
        """Bounds an input: a tensor, or a number, which Python may have made anything of."""
        if isinstance(value, torch.Tensor):
            self._alive.append(value)
            self._ranges[id(value)] = bound
        elif isinstance(value, int | float):
            self._left = True
            self._python_numbers.note(float(value), bound)

    # Conditions.

    def compare(self, site: int, op: str, left: Any, right: Any) -> Any:
        self._written = tuple(
            value for value, written in zip((left, right), self._constants_at(site), strict=True) if written
        )
        result = super().compare(site, op, left, right)
        if self.active and not isinstance(result, torch.Tensor):
            ordered = self._ordered(op, left, right)
            if ordered is not None:
                self._settle(site, ordered, bool(result))
            elif self._ambiguous(left, right):
                self._note(site, set())
            else:
                self._settle(site, self._compared_numbers(op, left, right), bool(result))
        self._written = ()
        return result

    def _ordered(self, op: str, left: object, right: object) -> bool | None:
        """What the order of the tensors tells that two numbers were read from."""
        one, other = self._python_numbers.source(left), self._python_numbers.source(right)
        if one is None or other is None or self._spoiled:
            return None
        return self._order.compare(op, one, other, nan=self._of(one).nan or self._of(other).nan)

    def _constants_at(self, site: int) -> tuple[bool, bool]:
        return self.conditions[site].constants if site < len(self.conditions) else (False, False)

    def truth(self, site: int, value: Any) -> bool:
        tested, self._tested = self._tested, None
        asked, left = self._asked, self._left
        outcome = super().truth(site, value)
        if not self.active:
            return outcome
        decided, known = self._decision(value, tested, asked)
        if decided:
            self._settle(site, known, outcome)
        if known == outcome and not asked:
            self._left = left  # which way it goes tells nothing of the input
        return outcome

    def _decision(
        self, value: Any, tested: tuple[bool, bool | None] | None, asked: tuple[torch.Tensor, bool] | None
    ) -> tuple[bool, bool | None]:
        """Whether a value's truth decides by itself, not by a comparison that is a condition of its own; and what it must be."""
        if isinstance(value, torch.Tensor):
            return True, iv.decided(self._of(value))
        if isinstance(value, bool):
            if tested is not None and tested[0] == value:
                return True, tested[1]
            if asked is not None and asked[1] == value:
                return True, iv.decided(self._of(asked[0]))
            return False, None
        if self._python_numbers.was_read(value):
            return True, None if self._spoiled else iv.decided(self._python_numbers.bound(value) or ANYTHING)
        return False, None

    def subject(self, site: int, value: Any, literals: tuple[Any, ...]) -> Any:  # noqa: ARG002
        if self.active:
            self._settle(site, None, False)
        return value

    def _settle(self, site: int, value: bool | None, outcome: bool) -> None:
        """What is known of all elements says nothing of a tensor that has none: then the outcome tells."""
        self._note(site, {value if value == outcome else None})

    def _note(self, site: int, values: set[bool | None]) -> None:
        self.settled.setdefault((site, self._times[site]), set()).update(values)
        self._times[site] += 1

    def _ambiguous(self, left: Any, right: Any) -> bool:
        """A number was read twice, or happens to equal a constant: another call will tell them apart."""
        known = self._python_numbers
        both = known.was_read(left) and known.was_read(right) and not self._written
        return both or known.is_blurred(left) or known.is_blurred(right)

    def _compared_numbers(self, op: str, left: Any, right: Any) -> bool | None:
        """Numbers are known when they were read from a tensor; the other side must be a constant of the source."""
        sides = [self._of_number(value) for value in (left, right)]
        if sides[0] is None or sides[1] is None or op not in transfer.COMPARISONS.values() or self._spoiled:
            return None
        if not self._python_numbers.was_read(left) and not self._python_numbers.was_read(right):
            return None
        return iv.compare(op, sides[0], sides[1])

    def _of_number(self, value: Any) -> Interval | None:
        if isinstance(value, torch.Tensor):
            return self._of(value)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        if any(value is written for written in self._written):
            return Interval(float(value), float(value))
        return self._python_numbers.bound(value)

    # Operators.

    def _ran(self, name: str, arguments: tuple[object, ...], keywords: Mapping[str, object], result: object) -> None:
        super()._ran(name, arguments, keywords, result)
        self._keywords = keywords
        if name not in ("equal", "allclose"):
            self._tested = None
        if (name.endswith("_") and not name.endswith("__")) or name == "__setitem__":
            self._spoiled = True  # views of the same memory have changed as well
        operands = transfer.tensors_in((*arguments, *self._keywords.values()))
        for stranger in operands if self._left else ():
            if id(stranger) not in self._ranges and id(stranger) not in self._constants:
                self.declare(stranger, ANYTHING)
        tracked = [leaf for leaf in operands if id(leaf) in self._ranges]
        if name in _SHAPE_ONLY or (name == "__get__" and not isinstance(result, torch.Tensor)):
            self._python_numbers.note_sizes(result)
        elif tracked:
            self._left |= name in _LEAVES
            self._follow(transfer.Applied(name, arguments, self._keywords, result))
        elif name in _FROM_PYTHON and self._left:
            self._declare_all(result, [ANYTHING])
        else:
            self._by_construction(transfer.Applied(name, arguments, self._keywords, result))  # parameters are normalised, too
            self.fix(transfer.tensors_in((result,)))

    def _library_test(self, name: str, arguments: tuple[object, ...], result: bool) -> None:
        super()._library_test(name, arguments, result)
        left, right = self._of(arguments[0]), self._of(arguments[1])
        applied = transfer.Applied(name, arguments, self._keywords, result)
        rtol, atol = applied.operand(2, "rtol"), applied.operand(3, "atol")
        if self._spoiled or not all(value is None or isinstance(value, int | float) for value in (rtol, atol)):
            self._tested = (result, None)
        elif name == "equal":
            self._tested = (result, False if iv.compare("==", left, right) is False else None)
        else:
            rtol, atol = (1e-5 if rtol is None else rtol), (1e-8 if atol is None else atol)
            self._tested = (result, iv.close(left, right, float(rtol), float(atol)))  # type: ignore[arg-type]

    def _follow(self, applied: transfer.Applied) -> None:
        found = [ANYTHING] if self._spoiled else self._found(applied)
        if not self._spoiled:
            self._order.note(applied, self._of)
        if isinstance(applied.result, int | float):
            only = found[0].lo == found[0].hi and not found[0].nan
            self._left |= not only
            self.reads.setdefault(_place_of_caller(), set()).add(only)
            if not isinstance(applied.result, bool):
                self._python_numbers.note(float(applied.result), found[0], applied.operand(0, "input"))
        self._declare_all(applied.result, found)

    def _found(self, applied: transfer.Applied) -> list[Interval]:
        bound = self._by_construction(applied)
        if bound is not None:
            return [replace(bound, nan=any(self._of(leaf).nan for leaf in transfer.tensors_in(applied.arguments)))]
        return self._in_order(applied) or transfer.bounds_of(applied, self._of)

    def _by_construction(self, applied: transfer.Applied) -> Interval | None:
        """What follows from how the operands were made."""
        unit, weighted = self._units.bound(applied), self._weights.bound(applied)
        return weighted if unit is None else unit

    def _in_order(self, applied: transfer.Applied) -> list[Interval] | None:
        """What the order of two tensors tells of their comparison and of their difference."""
        left, right = applied.operand(0, "input"), applied.operand(1, "other")
        if not isinstance(left, torch.Tensor) or not isinstance(right, torch.Tensor) or applied.keywords:
            return None
        if applied.name in transfer.COMPARISONS:
            nan = self._of(left).nan or self._of(right).nan
            known = self._order.compare(transfer.COMPARISONS[applied.name], left, right, nan=nan)
            return None if known is None else [iv.truth(known)]
        if applied.name not in transfer.DIFFERENCES:
            return None
        (difference,) = transfer.bounds_of(applied, self._of)[:1]
        if self._order.at_least(left, right):
            return [replace(difference, lo=max(0.0, difference.lo))]
        return [replace(difference, hi=min(0.0, difference.hi))] if self._order.at_least(right, left) else None

    def _declare_all(self, result: object, ranges: Sequence[Interval]) -> None:
        tensors = transfer.tensors_in((result,))
        for tensor, value in zip(tensors, [*ranges, *[ranges[-1]] * len(tensors)], strict=False):
            self.declare(tensor, value)

    def _of(self, value: object) -> Interval:
        """A tensor that no input reaches is a constant: its own values bound it."""
        if isinstance(value, torch.Tensor):
            known = self._ranges.get(id(value))
            if known is not None:
                return ANYTHING if self._spoiled else known
            return transfer.constant(value)
        if not isinstance(value, int | float) or math.isnan(value):
            return ANYTHING
        if any(value is written for written in self._written):
            return Interval(float(value), float(value))
        known = self._python_numbers.bound(value)
        return known or (ANYTHING if self._left else Interval(float(value), float(value)))


def settled_places(subject: Subject, domain: Domain, calls: Iterable[Call]) -> dict[Place, bool]:
    """Conditions that no legal value turns, with the way they go. Run it in a child process."""
    fresh = subject.fresh()
    probe = Bounds((*collect(fresh.model).numbers, *_attributes(fresh.model)))
    probe.fix((*fresh.model.parameters(), *fresh.model.buffers()))
    instrument = Instrument(probe)
    instrument.install(functions_of(fresh.model))
    probe.conditions = instrument.sites.conditions
    for call in calls:
        ready = call.clone()
        probe.start()
        _declare_inputs(probe, domain, ready)
        with torch.no_grad(), probe:
            guarded(lambda ready=ready: fresh.call(ready), 20.0)
        probe.stop()
    instrument.remove()
    return _by_place(instrument, probe.settled, probe.reads)


def _place_of_caller() -> Place:
    """The line of the user's that is at work."""
    frame = sys._getframe(1)
    while frame.f_back is not None and not is_user_file(frame.f_code.co_filename):
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def _attributes(model: torch.nn.Module) -> Iterator[float]:
    """Sizes and settings that modules hold: constants as far as one conversion goes."""
    for module in model.modules():
        yield from (float(value) for value in vars(module).values() if isinstance(value, int | float))


def _by_place(
    instrument: Instrument, settled: Mapping[tuple[int, int], set[bool | None]], reads: Mapping[Place, set[bool]]
) -> dict[Place, bool]:
    """A line counts when every condition on it is settled; one that only reads numbers, when they can be no others."""
    by_site: dict[int, set[bool | None]] = {}
    for (site, _), values in settled.items():
        by_site.setdefault(site, set()).update(values or {None})
    found: dict[Place, set[bool | None]] = {}
    for site, values in by_site.items():
        found.setdefault(instrument.sites.conditions[site].place, set()).update(values if len(values) == 1 else {None})
    for place, only in reads.items():
        found.setdefault(place, {True} if only == {True} else {None})
    return {place: True in values for place, values in found.items() if None not in values}


def _declare_inputs(probe: Bounds, domain: Domain, call: Call) -> None:
    for leaf in domain.leaves:
        try:
            value = domain.leaf(call, leaf.path)
        except tree.PathError:
            continue
        if isinstance(value, torch.Tensor):
            probe.declare(value, _declared(leaf.alternatives, value))
        elif leaf.varies:
            probe.declare(value, ANYTHING)


def _declared(alternatives: Iterable[object], tensor: torch.Tensor) -> Interval:
    name = None if tensor.is_complex() else dtype_name(tensor.dtype)
    specs = [spec for spec in alternatives if isinstance(spec, TensorSpec) and spec.dtype == name]
    return iv.union([_of_domain(spec.values or ValueDomain(), spec.dtype) for spec in specs] or [ANYTHING])


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
