"""The last resort for a goal: small changes by chance, kept as long as they do not lead away from it.

It needs no gradient and crosses plateaus, which the directed search does not, at the price of many more runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torchassay.explore.approach import NOWHERE, REACHED, Aim, Fitness, aim_at
from torchassay.explore.listener import Goal, Listener
from torchassay.explore.mutate import Mutator
from torchassay.explore.probe import Record
from torchassay.explore.space import Space
from torchassay.inputs.call import Call

_PATIENCE = 240  # changes without progress before it starts elsewhere


class Evolution:
    """Pursues goals; every call that reaches something new is handed to `report`, with the call it came from."""

    def __init__(
        self,
        space: Space,
        listener: Listener,
        mutator: Mutator,
        report: Callable[[Call, Call], None],
        expired: Callable[[], bool],
    ) -> None:
        self._space = space
        self._listener = listener
        self._mutator = mutator
        self._report = report
        self._expired = expired

    def pursue(self, goal: Goal, evaluations: int) -> bool:
        """Tries to reach one goal within so many runs; true when it was reached."""
        starts = [call for _, call in self._listener.nearest.get(goal, [])]
        if not starts:
            return False
        aim = aim_at(goal, self._listener.hear(starts[0]).records)
        left = evaluations
        while left > 0 and not self._expired():
            start = starts.pop(0) if starts else self._space.random_call()
            used = self._climb(aim, start, left)
            if used is None:
                return True
            left -= used
        return False

    def _climb(self, aim: Aim, start: Call, evaluations: int) -> int | None:
        """Changes one call as long as that brings it nearer now and then; None when the goal was reached."""
        current = start
        best, records = self._look(aim, start, start)
        idle = used = 0
        while used < evaluations and idle < _PATIENCE and best != REACHED and not self._expired():
            used += 1
            candidate = self._mutator.mutate(current, _jumps(aim, records))
            if candidate is None:
                continue
            fitness, heard = self._look(aim, candidate, current)
            idle = 0 if fitness < best else idle + 1
            if fitness <= best:
                current, best, records = candidate, fitness, heard
        return None if best == REACHED else used + 1

    def _look(self, aim: Aim, call: Call, base: Call) -> tuple[Fitness, Sequence[Record]]:
        heard = self._listener.hear(call)
        if self._listener.learn(heard):
            self._report(call, base)
        return (aim.fitness(heard.records), heard.records) if heard.records else (NOWHERE, ())


def _jumps(aim: Aim, records: Sequence[Record]) -> tuple[float, ...]:
    """Steps that would close the gap of what fails, were it the difference of an element and a constant."""
    failing = aim.failing(records)
    if failing is None:
        return ()
    gap = abs(failing[0].gap)
    return (gap, gap / 2) if gap < 1e9 else ()
