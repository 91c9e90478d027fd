"""Finds out what a model remembers between calls, and how many calls a condition on it needs to turn."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from torchassay.explore.counterexample import Place
from torchassay.explore.listener import Listener
from torchassay.explore.literals import Literals
from torchassay.explore.probe import Record
from torchassay.explore.space import Attempt
from torchassay.inputs.call import Call

_LONGEST = 4000
_AFTER = (1, 2, 3, 5)


class Memory:
    """Listens to the same call on a used model: a condition whose gap moves depends on the state."""

    def __init__(self, listener: Listener, example: Call, others: Sequence[Call]) -> None:
        self._others = others
        self._listener = listener
        self._example = example
        self._heard = [self._records(count) for count in _AFTER]

    def _records(self, count: int) -> dict[int, Record]:
        heard = self._listener.hear_all((self._example,) * count)
        self._listener.learn(heard, after_others=count > 1)
        first: dict[int, Record] = {}
        for record in heard.records:
            first.setdefault(record.site, record)
        return first

    def moving(self) -> list[int]:
        """The conditions that see the state: their gap or their operands change from call to call."""
        sites = set().union(*self._heard)
        return sorted(site for site in sites if len({_facts(records.get(site)) for records in self._heard}) > 1)

    def places(self) -> tuple[Place, ...]:
        """Where the conditions stand that see the state and have gone one way only.

        One that compares the same values whenever it is reached sees none, though the state decides whether it is.
        """
        covered, listener = self._listener.covered, self._listener
        seeing = [site for site in self.moving() if listener.varies(site)]
        one_sided = [site for site in seeing if ((site, True) in covered) != ((site, False) in covered)]
        return tuple(listener.conditions[site].place for site in one_sided)

    def attempts(self, literals: Literals) -> Iterator[Attempt]:
        """As many equal calls as a gap that moves evenly needs to reach zero; and as many as a constant says."""
        lengths: dict[int, None] = {}
        for site in self.moving():
            lengths.update(dict.fromkeys(self._predicted(site)))
        for number in literals.integers(2, _LONGEST):
            lengths[number] = None
        for length in sorted(lengths):
            yield Attempt((self._example,) * length, "state", f"{length} equal calls")
            for other in self._others:
                calls = (*((self._example,) * (length - 1)), other)
                yield Attempt(calls, "state", f"another call after {length - 1} equal ones")

    def _predicted(self, site: int) -> Iterator[int]:
        gaps = [(count, records[site].gap) for count, records in zip(_AFTER, self._heard, strict=True) if site in records]
        for (before, one), (after, other) in itertools.pairwise(gaps):
            slope = (other - one) / (after - before)
            if slope != 0 and (crossing := after - other / slope) > 0:
                for length in (round(crossing), round(crossing) + 1, round(crossing) + 2):
                    if 0 < length <= _LONGEST:
                        yield length


def _facts(record: Record | None) -> tuple[object, ...]:
    if record is None:
        return ()
    return (record.outcome, record.gap, str(record.left), str(record.right))
