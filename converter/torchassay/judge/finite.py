"""Shows that a condition cannot turn because all it looks at are a few declared values, each of which was run.

`rate=i64[]{8000,16000,48000}` has three values. A condition that sees the same whatever the other inputs are, and goes
one way on all three, has no other way to go.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from torchassay.explore.counterexample import Place
from torchassay.explore.functions import functions_of
from torchassay.explore.instrument import Instrument
from torchassay.explore.pair import TooMuch, guarded
from torchassay.explore.probe import Probe, Record
from torchassay.inputs.domain import Domain, Leaf
from torchassay.inputs.draw import draw_tensor
from torchassay.inputs.kinds import INTEGER_LIMITS, TensorSpec, ValueDomain

if TYPE_CHECKING:
    from torchassay.inputs.call import Call
    from torchassay.loading.subject import Subject

_MOST = 64  # combinations of values
_DRAWS = 3  # of everything else, for each combination
_SECONDS = 20.0


def finite_inputs(domain: Domain) -> dict[str, tuple[torch.Tensor, ...]]:
    """The tensors of one element that have few legal values, by path, with these values; none where they are too many."""
    found = {leaf.path: values for leaf in domain.leaves if (values := _values_of(leaf))}
    return found if math.prod(map(len, found.values())) <= _MOST else {}


def _values_of(leaf: Leaf) -> tuple[torch.Tensor, ...]:
    if len(leaf.alternatives) != 1 or not leaf.varies or leaf.optional:
        return ()
    spec = leaf.alternatives[0]
    if not isinstance(spec, TensorSpec) or any(dim.size != 1 for dim in spec.dims):
        return ()
    shape = tuple(1 for _ in spec.dims)
    singles = [ValueDomain(choices=(value,)) for value in _constants(spec)]
    return tuple(draw_tensor(TensorSpec(spec.dtype, spec.dims, single), shape, random.Random(0)) for single in singles)


def _constants(spec: TensorSpec) -> Sequence[bool | int | float]:
    values = spec.values or ValueDomain()
    if values.choices is not None:
        return [value for value in values.choices if isinstance(value, bool | int | float)]
    if spec.dtype == "bool":
        return (False, True)
    if spec.dtype not in INTEGER_LIMITS or values.lo is None or values.hi is None or values.hi - values.lo >= _MOST:
        return ()
    return range(int(values.lo), int(values.hi) + 1)


def decided_places(subject: Subject, domain: Domain) -> frozenset[Place]:
    """Lines on which every condition sees nothing but the finite inputs, and goes one way. Run it in a child process."""
    inputs = finite_inputs(domain)
    fresh = subject.fresh()
    probe = Probe()
    instrument = Instrument(probe)
    instrument.install(functions_of(fresh.model))
    seen: dict[int, dict[int, set[str]]] = {}  # what each condition saw, by the combination of values
    ways: dict[int, set[bool]] = {}
    for combination, calls in enumerate(_calls(domain, inputs)):
        for call in calls:
            for record in _records(fresh, probe, call):
                seen.setdefault(record.site, {}).setdefault(combination, set()).add(_sight(record))
                ways.setdefault(record.site, set()).add(record.outcome)
    instrument.remove()
    return frozenset(_places(instrument, seen, ways))


def _calls(domain: Domain, inputs: Mapping[str, Sequence[torch.Tensor]]) -> Iterator[list[Call]]:
    for values in itertools.product(*inputs.values()) if inputs else ():
        rng = random.Random(3)
        calls = [domain.examples[0], *(domain.sample(rng) for _ in range(_DRAWS - 1))]
        for path, value in zip(inputs, values, strict=True):
            calls = [domain.with_leaf(call, path, value) for call in calls]
        yield calls


def _records(fresh: Subject, probe: Probe, call: Call) -> list[Record]:
    ready = call.clone()
    probe.start()
    try:
        with torch.no_grad(), probe:
            guarded(lambda: fresh.call(ready), _SECONDS)
    except TooMuch:
        return []
    finally:
        records = probe.stop()
    return records


def _sight(record: Record) -> str:
    return repr((record.outcome, record.gap, record.left, record.right, record.facts))


def _places(
    instrument: Instrument, seen: Mapping[int, Mapping[int, set[str]]], ways: Mapping[int, set[bool]]
) -> Iterator[Place]:
    decided = {
        site for site, sights in seen.items() if len(ways[site]) == 1 and all(len(sight) == 1 for sight in sights.values())
    }
    conditions = instrument.sites.conditions
    others = {conditions[site].place for site in seen if site not in decided}
    yield from ({conditions[site].place for site in decided} - others)
