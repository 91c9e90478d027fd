"""Listens to the conditions of instrumented functions: which way each went, and by how much it missed the other.

A condition's *gap* is a number that is positive where the condition holds and negative where it does not; its size
says how far away the other side is. Where the gap depends differentiably on an input, the tensor is kept as well,
so that its gradient can be followed.
"""

from __future__ import annotations

import contextlib
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from torchassay.explore import gaps
from torchassay.explore.counting import Counts
from torchassay.explore.origins import Origins
from torchassay.explore.questions import Arrays, Question, is_array, question

_MAX_RECORDS = 4000
_CONTAINERS = (list, set, frozenset)

_APPLY: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "is": operator.is_,
    "is not": operator.is_not,
}
@dataclass(frozen=True, slots=True)
class Record:
    """One evaluation of a condition. `left` and `right` are plain values where the operands had one."""

    site: int
    outcome: bool
    gap: float
    target: torch.Tensor | None = None
    op: str | None = None
    left: object = None
    right: object = None
    tensors: tuple[torch.Tensor, ...] = ()  # the operands of a comparison of whole tensors
    of_tensor: bool = False
    made: object = None  # the container of which the truth was taken
    facts: object = None  # what a library was asked about, or what was in the tensors of which the truth was taken
    about_finite: bool = False  # whether it only asks for NaN and infinities
    decides: bool = True  # whether anything depends on it at once: of a comparison of tensors nothing does


class Probe(TorchFunctionMode):
    """Collects records while active; the instrumented functions call its methods whether it is or not."""

    def __init__(self) -> None:
        super().__init__()
        self.active = False
        self.records: list[Record] = []
        self._origins = Origins()
        self._numbers: dict[float, torch.Tensor] = {}
        self._results: dict[int, tuple[object, Record]] = {}
        self._asked: tuple[torch.Tensor, bool] | None = None  # the tensor of which Python has just taken the truth
        self._question: tuple[object, Question] | None = None  # the answer of a library, and what it was asked
        self._alone = False  # whether what is decided stands apart from the conditions before
        self._arrays = Arrays()
        self._counts = Counts(self._origins.gaps_of_mask, self._origins.is_mask)
        self._listened: frozenset[int] = frozenset()

    def listened(self, functions: Iterable[object]) -> None:
        """Names the functions whose own conditions are heard, so that calling them is no question to a library."""
        self._listened = frozenset(map(id, functions))

    def start(self) -> None:
        self.records = []
        self._origins.clear()
        self._numbers = {}
        self._results = {}
        self._asked = None
        self._question = None
        self._arrays.clear()
        self._counts.clear()
        self.active = True

    def stop(self) -> list[Record]:
        self.active = False
        self._origins.clear()
        self._arrays.clear()
        self._counts.clear()
        self._question = None
        return self.records

    # What the instrumented functions call.

    def compare(self, site: int, op: str, left: Any, right: Any) -> Any:
        result = _APPLY[op](left, right)
        if self.active:
            with self._pausing():
                self._compared(site, op, left, right, result)
        return result

    def chain(self, site: int, ops: tuple[str, ...], left: Any, right: Any, *later: Callable[[], Any]) -> Any:
        """`a < b < c`: each comparison has a site of its own, numbered from `site`."""
        result = self.compare(site, ops[0], left, right)
        for number, (op, following) in enumerate(zip(ops[1:], later, strict=True), site + 1):
            if not result:
                return result
            left, right = right, following()
            result = self.compare(number, op, left, right)
        return result

    def truth(self, site: int, value: Any) -> bool:
        outcome = bool(value)
        if self.active and len(self.records) < _MAX_RECORDS:
            with self._pausing():
                self._decided(site, value, outcome)
        return outcome

    def flag(self, site: int, value: Any) -> bool:
        """The truth of an attribute or an item: the conditions before it have nothing to do with it."""
        self._alone = True
        try:
            return self.truth(site, value)
        finally:
            self._alone = False

    def ask(self, site: int, function: Any, *arguments: Any, **keywords: Any) -> bool:
        """The truth of a call: `if f(a, b):` becomes `if probe.ask(site, f, a, b):`."""
        result = function(*arguments, **keywords)
        own = id(getattr(function, "__func__", function)) in self._listened
        if own or not self.active or isinstance(result, torch.Tensor):
            return self.truth(site, result)
        with self._pausing():
            asked = question(function, arguments, keywords, bool(result), self._arrays)
        if asked.facts is not None:
            self._question = (result, asked)
        return self.truth(site, result)

    def subject(self, site: int, value: Any, literals: tuple[Any, ...]) -> Any:
        if self.active:
            for literal in literals[: gaps.MAX_MEMBERS]:
                outcome = bool(value == literal) if not isinstance(value, torch.Tensor) else False
                with self._pausing():
                    self._compared(site, "==", value, literal, outcome)
        return value

    def lookup(self, site: int, table: Any, key: Any, *default: Any) -> Any:
        """`table.get(key)`: whether the key is among those of a dictionary is a condition."""
        if self.active and isinstance(table, dict) and table and isinstance(key, tuple | str | int | float):
            with self._pausing():
                self._compared(site, "in", key, table, key in table)
        return table.get(key, *default)

    def turns(self, site: int, value: Any) -> Any:
        """What a loop goes over: whether there is anything is a condition where a mask decides on it."""
        if self.active and len(self.records) < _MAX_RECORDS:
            with self._pausing():
                gap = self._counts.turns(value)
                if gap is not None:
                    self.records.append(Record(site, len(value) > 0, gap, of_tensor=True))
        return value

    # How they are understood.

    @contextlib.contextmanager
    def _pausing(self) -> Iterator[None]:
        """While a gap is computed: those operators are not the model's."""
        self.active = False
        try:
            yield
        finally:
            self.active = True

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[object, ...] = (), kwargs: Mapping[str, object] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if self.active:
            self._ran(getattr(func, "__name__", ""), args, kwargs or {}, result)
        return result

    def _ran(self, name: str, arguments: tuple[object, ...], keywords: Mapping[str, object], result: object) -> None:
        self._counts.ran(name, arguments, keywords, result)
        if isinstance(result, torch.Tensor):
            self._origins.ran(name, arguments, keywords, result)
        elif isinstance(result, bool):
            self._asked = None
            if name in ("equal", "allclose"):
                self._library_test(name, arguments, result)
            elif name in ("__bool__", "is_nonzero", "item") and isinstance(arguments[0], torch.Tensor):
                self._asked = (arguments[0], result)
        elif isinstance(result, int | float) and arguments and isinstance(arguments[0], torch.Tensor):
            self._numbers[float(result)] = arguments[0]

    def _library_test(self, name: str, arguments: tuple[object, ...], result: bool) -> None:
        left, right = arguments[0], arguments[1]
        if not (isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor)) or left.shape != right.shape:
            return
        gap = -gaps.spread(left, right)
        operands = (left.detach().clone(), right.detach().clone())
        record = Record(-1, result, _number(gap), _differentiable(gap), name, tensors=operands)
        self._results[id(result)] = (result, record)

    def _compared(self, site: int, op: str, left: Any, right: Any, result: Any) -> None:
        if isinstance(result, torch.Tensor):
            self._origins.compared(op, left, right, result)
            self._note_literals(site, op, left, right)
            return
        if is_array(result):
            self._arrays.compared(op, left, right, result)
            return
        self._asked = None
        if len(self.records) >= _MAX_RECORDS:
            return
        outcome = bool(result)
        gap = self._gap_of(op, left, right, outcome)
        self.records.append(Record(site, outcome, _number(gap), _differentiable(gap), op, _plain(left), _plain(right)))

    def _note_literals(self, site: int, op: str, left: Any, right: Any) -> None:
        values = _plain(left), _plain(right)
        if None not in values and len(self.records) < _MAX_RECORDS:
            outcome = bool(_APPLY[op](*values))
            gap = self._gap_of(op, left, right, outcome)
            self.records.append(Record(site, outcome, _number(gap), _differentiable(gap), op, *values, decides=False))

    def _gap_of(self, op: str, left: Any, right: Any, outcome: bool) -> Any:
        counted = self._counts.of_number(op, left, right, outcome)
        if counted is not None:
            return counted
        left, right = self._source(left), self._source(right)
        try:
            return gaps.of_values(op, left, right, outcome)
        except (TypeError, ValueError, RuntimeError, OverflowError):
            return 1.0 if outcome else -1.0

    def _source(self, value: Any) -> Any:
        """The tensor that a Python number was read from, when it is known and takes part in autograd."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            tensor = self._numbers.get(float(value))
            if tensor is not None and tensor.requires_grad and tensor.numel() == 1:
                return tensor
        return value

    def _answered(self, site: int, value: Any, outcome: bool) -> Question:
        """What a library was asked, where the value is its answer; on record already where the gap is known."""
        known, self._question = self._question, None
        if known is None or known[0] is not value:
            return Question()
        asked = known[1]
        if asked.gap is not None:
            operands = _plain(asked.left), _plain(asked.right)
            op = "==" if None not in operands else None
            self.records.append(Record(site, outcome, asked.gap, None, op, *operands, facts=asked.facts))
        return asked

    def _decided(self, site: int, value: Any, outcome: bool) -> None:
        asked_about = self._answered(site, value, outcome)
        if asked_about.gap is not None:
            return
        known = self._results.get(id(value))
        if isinstance(value, bool) and known is not None and known[1].outcome == outcome:
            record, self._asked = known[1], None
            self._results.clear()
            self.records.append(replace(record, site=site, outcome=outcome))
            return
        gap: Any = 1.0 if outcome else -1.0
        made: object = None
        asked, self._asked = self._asked, None
        if isinstance(value, bool) and asked is not None and asked[1] == outcome:
            value = asked[0]  # `bool(t)` is as good as `t`
        if isinstance(value, torch.Tensor):
            with contextlib.suppress(TypeError, RuntimeError, ValueError, IndexError):
                gap = self._origins.gap(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            counted = self._counts.of_truth(value)
            gap = counted if counted is not None else abs(value) if outcome else -gaps.TINY
        elif isinstance(value, bool) and not self._alone and self.records and self.records[-1].outcome == outcome:
            gap = self.records[-1].gap if abs(self.records[-1].gap) > 0 else gap
        elif isinstance(value, _CONTAINERS):
            made = value  # what depends on the input is another object in each run
        operands = self._origins.operands(value)
        derived = self._origins.knows(value)
        facts = self._origins.contents(value) if derived else asked_about.facts
        gap_size = _signed(_number(gap), outcome)
        target = _differentiable(gap)
        finite = self._origins.asks_finite(value)
        self.records.append(
            Record(site, outcome, gap_size, target, None, None, None, operands, derived, made, facts, finite)
        )

def _signed(gap: float, outcome: bool) -> float:
    """Trusts the outcome that really came: rounding may have moved a gap over zero."""
    if (gap > 0) == outcome and gap != 0:
        return gap
    return gaps.TINY if outcome else -gaps.TINY


def _number(gap: Any) -> float:
    try:
        value = float(gap)
    except (TypeError, ValueError, RuntimeError):
        return 0.0
    return value if not math.isnan(value) else 0.0


def _differentiable(gap: Any) -> torch.Tensor | None:
    if isinstance(gap, torch.Tensor) and gap.requires_grad and gap.numel() == 1:
        return gap
    return None


def _plain(value: Any) -> Any:
    """The value as a Python scalar or text, where it is one."""
    if isinstance(value, torch.Tensor):
        return value.item() if value.numel() == 1 and value.device.type != "meta" else None
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list | set | frozenset | dict) and len(value) <= gaps.MAX_MEMBERS:
        return tuple(item for item in value if isinstance(item, int | float | str))
    return None
