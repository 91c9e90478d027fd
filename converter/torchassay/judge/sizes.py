"""Shows that sizes cannot turn what leaked: evaluates what the tracer recorded behind each leak for every declared size.

Sizes are computed as Python does, tensors stand in by shape alone. The recorded operators are what the model runs as
long as no leak gave another value, so a leak that keeps its value throughout is never the first to differ.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch

from torchassay.inputs import tree
from torchassay.inputs.domain import Domain
from torchassay.inputs.kinds import Dim, ScalarSpec, TensorSpec
from torchassay.judge.arithmetic import is_number
from torchassay.judge.replay import Replay, apart
from torchassay.judge.slices import UNKNOWN, Node, Slices, SlicingSensor, Tap, place_of
from torchassay.loading.reach import reachable_tensors
from torchassay.sense.build import leak_of
from torchassay.sense.recorder import DECISIONS
from torchassay.sense.run import Observation
from torchassay.sense.tracing import known_tensors

if TYPE_CHECKING:
    from torchassay.inputs.call import Call
    from torchassay.loading.subject import Subject

Site = tuple[object, ...]
Shapes = Mapping[str, tuple[int, ...]]
_MOST = 8192  # combinations of sizes


def settled_by_sizes(
    subject: Subject, domain: Domain, wanted: frozenset[Site] | None = None, *, seconds: float = 20.0
) -> frozenset[Site]:
    """The sites of leaks that keep the example's value for all declared sizes; only `wanted` ones, if given.

    Run it in a child process.
    """
    combinations = _combinations(domain)
    if combinations is None:
        return frozenset()
    traced = _Traced(subject.fresh(), domain.examples[0].clone(), wanted)
    deadline = time.monotonic() + seconds
    for shapes in combinations:
        if not traced.taps or time.monotonic() > deadline:
            return frozenset()
        with torch.no_grad():
            traced.try_sizes(shapes)
    return traced.settled()


class _Traced:
    """One traced call: the leaks that may still be settled, and what is recorded behind them."""

    def __init__(self, subject: Subject, call: Call, wanted: frozenset[Site] | None = None) -> None:
        self._slices = Slices(frozenset(map(place_of, reachable_tensors(subject.model))) - {None})
        self._seen = Observation(subject, call, traced=True, careful=False, deep=False)
        recorder = self._seen.recorder
        self._seen.sensor = SlicingSensor(recorder, self._seen.taint, self._slices)
        known = known_tensors(subject.model, call.tensors())
        paths = [self._seen.taint.input_path(tensor) for tensor in known]
        self._replay = Replay()
        stand_ins = [self._replay.stand_in(tensor) for tensor in known]
        self._seen.run()
        whole = self._slices.complete and not recorder.truncated and recorder.trouble is None
        self.taps = self._candidates(wanted) if whole and self._seen.raised is None else []
        places = {name: at for name, at in self._slices.parameters.items() if at < len(known)}
        self._inputs = {name: (path, known[at].dtype) for name, at in places.items() if (path := paths[at]) is not None}
        self._fixed: dict[str, Any] = {name: stand_ins[at] for name, at in places.items() if name not in self._inputs}
        fixed, self._order = apart(self._behind(), self._inputs)
        self._replay.run(fixed, self._fixed)

    def _candidates(self, wanted: frozenset[Site] | None) -> list[Tap]:
        """The events of those wanted leaks of which every event was copied."""
        counts: dict[int, int] = {}
        for tap in self._slices.taps:
            counts[tap.site] = counts.get(tap.site, 0) + 1
        sites = self._seen.recorder.sites
        whole = {site for site, count in counts.items() if count == sites[site].count}
        if wanted is not None:
            whole = {site for site in whole if leak_of(sites[site], self._seen.execution.lines).site in wanted}
        return [tap for tap in self._slices.taps if tap.site in whole]

    def try_sizes(self, shapes: Shapes) -> None:
        """Drops the leaks that have another value, or none that is known, with inputs of these shapes."""
        values = dict(self._fixed)
        for name, (path, dtype) in self._inputs.items():
            values[name] = self._replay.tensor(shapes[path], dtype) if path in shapes else UNKNOWN
        self._replay.run(self._order, values)
        lost = {tap.site for tap in self.taps if not _keeps(tap, values.get(tap.name, UNKNOWN))}
        if lost:
            self.taps = [tap for tap in self.taps if tap.site not in lost]
            _, self._order = apart(self._behind(), self._inputs)

    def _behind(self) -> list[Node]:
        return self._slices.behind([tap.name for tap in self.taps])

    def settled(self) -> frozenset[Site]:
        """What a statement leaked counts when all of it is settled: `0 < n < 5` leaks twice at one place."""
        lines = self._seen.execution.lines
        known = {tap.site for tap in self.taps}
        found: dict[bool, set[Site]] = {True: set(), False: set()}
        for number, site in enumerate(self._seen.recorder.sites):
            if site.kind not in DECISIONS:
                found[number in known].add(leak_of(site, lines).site)
        return frozenset(found[True] - found[False])


def _keeps(tap: Tap, value: object) -> bool:
    if tap.kind == "len":
        return isinstance(value, torch.Tensor) and value.dim() > 0 and value.shape[0] == tap.value
    if tap.kind == "count":
        return isinstance(value, list) and len(value) == tap.value
    if not is_number(value):
        return False
    asked = bool(value) if tap.kind == "bool" else int(value) if tap.kind == "int" else value  # type: ignore[call-overload]
    return type(asked) is type(tap.value) and asked == tap.value


# The declared sizes.


def _combinations(domain: Domain) -> Iterator[Shapes] | None:
    """The shapes of the inputs for every declared combination of sizes; None where sizes are not all that is declared."""
    if len(domain.variants) != 1 or domain.optional() or not domain.symbols:
        return None
    leaves = domain.leaves
    if any(leaf.optional or len(leaf.alternatives) != 1 or not _is_plain(leaf.alternatives[0]) for leaf in leaves):
        return None
    specs = {leaf.path: leaf.alternatives[0] for leaf in leaves if isinstance(leaf.alternatives[0], TensorSpec)}
    dims = {path: spec.dims for path, spec in specs.items() if isinstance(spec, TensorSpec)}
    if not {dim.symbol for each in dims.values() for dim in each if dim.symbol} >= set(domain.symbols):
        return None
    if any(span.open for span in domain.symbols.values()) or _count(domain) > _MOST:
        return None
    return itertools.chain(_of_examples(domain, dims), _of_symbols(domain, dims))


def _is_plain(spec: object) -> bool:
    """A tensor, or a constant: any other value would be part of what decides."""
    return isinstance(spec, TensorSpec) or (isinstance(spec, ScalarSpec) and spec.constant)


def _count(domain: Domain) -> int:
    total = 1
    for span in domain.symbols.values():
        total *= max(1, (span.last - span.lo) // span.step + 1)
    return total


def _of_examples(domain: Domain, dims: Mapping[str, tuple[Dim, ...]]) -> Iterator[Shapes]:
    """An example is legal, whatever its sizes are."""
    for example in domain.examples:
        found: dict[str, tuple[int, ...]] = {}
        for path in dims:
            try:
                value = domain.leaf(example, path)
            except tree.PathError:
                continue
            if isinstance(value, torch.Tensor):
                found[path] = tuple(value.shape)
        yield found


def _of_symbols(domain: Domain, dims: Mapping[str, tuple[Dim, ...]]) -> Iterator[Shapes]:
    """The ends first: most of what turns at all turns there."""
    ranges = {name: range(span.lo, span.last + 1, span.step) for name, span in domain.symbols.items()}
    ends = [[span[0], span[-1]] for span in ranges.values()]
    for sizes in itertools.chain(itertools.product(*ends), itertools.product(*ranges.values())):
        chosen = dict(zip(ranges, sizes, strict=True))
        yield {path: _shape(each, chosen.__getitem__) for path, each in dims.items()}


def _shape(dims: Iterable[Dim], size_of: Callable[[str], int]) -> tuple[int, ...]:
    return tuple(dim.size if dim.size is not None else size_of(dim.symbol or "") for dim in dims)
