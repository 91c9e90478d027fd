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
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from torchassay.explore import gaps
from torchassay.explore.contents import raw
from torchassay.explore.counting import Counts
from torchassay.explore.questions import Arrays, Question, is_array, question

_MAX_RECORDS = 4000
_MANY = 4096  # elements of a tensor that are kept in mind
_DEEP = 12  # operators
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
_NAMES = {
    "gt": ">", "__gt__": ">", "greater": ">", "lt": "<", "__lt__": "<", "less": "<",
    "ge": ">=", "__ge__": ">=", "greater_equal": ">=", "le": "<=", "__le__": "<=", "less_equal": "<=",
    "eq": "==", "__eq__": "==", "ne": "!=", "__ne__": "!=", "not_equal": "!=",
}  # fmt: skip
_REDUCTIONS = frozenset(("any", "all", "sum", "max", "min", "amax", "amin", "count_nonzero", "is_nonzero", "squeeze",
                         "reshape", "view", "flatten", "bool", "clone", "detach", "item", "__bool__", "mean"))  # fmt: skip
_FINITE = frozenset(("isnan", "isinf", "isfinite"))
_RESHAPES = frozenset(("squeeze", "reshape", "view", "flatten", "clone", "detach"))
_LOGIC = frozenset(("logical_not", "__invert__", "bitwise_not", "logical_and", "__and__", "bitwise_and",
                    "logical_or", "__or__", "bitwise_or", "isnan", "isinf", "isfinite"))  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class _Origin:
    """Which function made a truth tensor, and from what."""

    name: str
    arguments: tuple[object, ...]
    result: torch.Tensor  # kept alive: origins are found by identity
    keywords: Mapping[str, object] = field(default_factory=dict)

    @property
    def dims(self) -> tuple[int, ...]:
        """The dimensions that a reduction is along; none where it is over all of them."""
        found = self.keywords.get("dim", self.arguments[1] if len(self.arguments) > 1 else None)
        return (found,) if type(found) is int else tuple(found) if isinstance(found, tuple | list) else ()


class Probe(TorchFunctionMode):
    """Collects records while active; the instrumented functions call its methods whether it is or not."""

    def __init__(self) -> None:
        super().__init__()
        self.active = False
        self.records: list[Record] = []
        self._origins: dict[int, _Origin] = {}
        self._numbers: dict[float, torch.Tensor] = {}
        self._results: dict[int, tuple[object, Record]] = {}
        self._asked: tuple[torch.Tensor, bool] | None = None  # the tensor of which Python has just taken the truth
        self._question: tuple[object, Question] | None = None  # the answer of a library, and what it was asked
        self._arrays = Arrays()
        self._counts = Counts(self._gaps_of_mask, self._is_mask)
        self._listened: frozenset[int] = frozenset()

    def listened(self, functions: Iterable[object]) -> None:
        """Names the functions whose own conditions are heard, so that calling them is no question to a library."""
        self._listened = frozenset(map(id, functions))

    def start(self) -> None:
        self.records = []
        self._origins = {}
        self._numbers = {}
        self._results = {}
        self._asked = None
        self._question = None
        self._arrays.clear()
        self._counts.clear()
        self.active = True

    def stop(self) -> list[Record]:
        self.active = False
        self._origins = {}
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
        outcome = bool(value)
        if self.active and len(self.records) < _MAX_RECORDS:
            with self._pausing():
                self._decided(site, value, outcome, alone=True)
        return outcome

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
            if name in _NAMES or name in _LOGIC or (name in _REDUCTIONS and self._known(arguments)):
                self._origins[id(result)] = _Origin(name, arguments, result, keywords)
        elif isinstance(result, bool):
            self._asked = None
            if name in ("equal", "allclose"):
                self._library_test(name, arguments, result)
            elif name in ("__bool__", "is_nonzero", "item") and isinstance(arguments[0], torch.Tensor):
                self._asked = (arguments[0], result)
        elif isinstance(result, int | float) and arguments and isinstance(arguments[0], torch.Tensor):
            self._numbers[float(result)] = arguments[0]

    def _is_mask(self, value: object) -> bool:
        return gaps.is_truth(value) and id(value) in self._origins

    def _gaps_of_mask(self, mask: Any) -> Any:
        found = None
        with contextlib.suppress(TypeError, RuntimeError, ValueError, IndexError), torch.no_grad():
            found = self._elementwise(mask, "any", 0)
        return found

    def _known(self, arguments: tuple[object, ...]) -> bool:
        return bool(arguments) and id(arguments[0]) in self._origins

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
            self._origins[id(result)] = _Origin(op, (left, right), result)
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

    def _decided(self, site: int, value: Any, outcome: bool, *, alone: bool = False) -> None:
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
                gap = self._tensor_gap(value, "any", 0)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            counted = self._counts.of_truth(value)
            gap = counted if counted is not None else abs(value) if outcome else -gaps.TINY
        elif isinstance(value, bool) and not alone and self.records and self.records[-1].outcome == outcome:
            gap = self.records[-1].gap if abs(self.records[-1].gap) > 0 else gap
        elif isinstance(value, _CONTAINERS):
            made = value  # what depends on the input is another object in each run
        operands = self._whole_operands(value, 0)
        derived = isinstance(value, torch.Tensor) and id(value) in self._origins
        facts = self._contents(value, 0) if derived else asked_about.facts
        gap_size = _signed(_number(gap), outcome)
        target = _differentiable(gap)
        self.records.append(
            Record(
                site, outcome, gap_size, target, None, None, None, operands, derived, made, facts, self._asks_finite(value, 0)
            )
        )

    def _whole_operands(self, value: Any, depth: int) -> tuple[torch.Tensor, ...]:
        """The two tensors behind `(a == b).all()` and its like."""
        origin = self._origins.get(id(value)) if isinstance(value, torch.Tensor) else None
        if origin is None or depth > 4:
            return ()
        if _NAMES.get(origin.name, origin.name) in ("==", "!="):
            both = origin.arguments[:2]
            tensors = tuple(part.detach().clone() for part in both if isinstance(part, torch.Tensor))
            return tensors if len(tensors) == 2 else ()
        return self._whole_operands(origin.arguments[0], depth + 1) if origin.arguments else ()

    def _contents(self, value: Any, depth: int) -> object:
        """What was in the tensors that a truth tensor was made of, as far as that is known; None where it is not."""
        origin = self._origins.get(id(value))
        if origin is None:
            return _fact_of_tensor(value) if isinstance(value, torch.Tensor) else value
        if depth > _DEEP:
            return None
        facts = [self._contents(part, depth + 1) for part in origin.arguments if isinstance(part, torch.Tensor | int | float)]
        return None if None in facts else tuple(facts)

    def _asks_finite(self, value: Any, depth: int) -> bool:
        """Whether a truth tensor says of other tensors only where they are NaN or infinite."""
        origin = self._origins.get(id(value)) if isinstance(value, torch.Tensor) else None
        if origin is None or depth > _DEEP:
            return False
        if origin.name in _FINITE:
            return True
        parts = [part for part in origin.arguments if isinstance(part, torch.Tensor)]
        if _NAMES.get(origin.name, origin.name) in ("!=", "=="):
            return len(parts) == 2 and parts[0] is parts[1]  # `x != x` where x is NaN
        return bool(parts) and all(self._asks_finite(part, depth + 1) for part in parts)

    def _tensor_gap(self, value: Any, reduction: str, depth: int) -> Any:
        """A gap for a truth tensor, from how it was computed."""
        return gaps.reduced(self._elementwise(value, reduction, depth), reduction)

    def _elementwise(self, value: Any, reduction: str, depth: int) -> Any:
        origin = self._origins.get(id(value)) if isinstance(value, torch.Tensor) else None
        if origin is None or depth > _DEEP:
            return value.detach().double() * 2 - 1 if gaps.is_truth(value) else gaps.of_value(value)
        name = origin.name
        if name in _NAMES or name in _APPLY:
            return gaps.of_elements(_NAMES.get(name, name), origin.arguments[0], origin.arguments[1])
        if name in _RESHAPES:
            inner = self._elementwise(origin.arguments[0], reduction, depth + 1)
            return inner.reshape(value.shape) if isinstance(inner, torch.Tensor) and inner.numel() == value.numel() else inner
        if name in _REDUCTIONS:
            kind = "all" if name in ("all", "min", "amin") else "any"
            inner = self._elementwise(origin.arguments[0], kind, depth + 1)
            return gaps.reduced(inner, kind, origin.dims, keepdim=bool(origin.keywords.get("keepdim", False)))
        return self._logic(name, origin, reduction, depth)

    def _logic(self, name: str, origin: _Origin, reduction: str, depth: int) -> Any:
        if name in _FINITE:
            return origin.result.double() * 2 - 1
        first = self._elementwise(origin.arguments[0], reduction, depth + 1)
        if len(origin.arguments) == 1:
            return -first
        second = self._elementwise(origin.arguments[1], reduction, depth + 1)
        return torch.minimum(first, second) if "and" in name else torch.maximum(first, second)


def _fact_of_tensor(tensor: torch.Tensor) -> object:
    """Equal for equal tensors; None for one that is not plain in memory or too large to be read through."""
    held = raw(tensor, _MANY)
    return None if held is None else (tuple(tensor.shape), str(tensor.dtype), hash(held))


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
