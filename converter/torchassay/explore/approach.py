"""How near a call comes to a goal: first by how much of the way there it goes, then by the gap where it leaves it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torchassay.explore.listener import Goal
from torchassay.explore.probe import Record

Fitness = tuple[int, float]
REACHED: Fitness = (0, 0.0)
NOWHERE: Fitness = (1 << 30, math.inf)
_LONGEST = 400  # outcomes of a way that are looked at


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal, and the outcomes that led a call to the goal's condition."""

    goal: Goal
    way: tuple[Goal, ...]

    def fitness(self, records: Sequence[Record]) -> Fitness:
        """0 where the goal is reached, 1 where its condition is evaluated; above, each missing step of the way counts."""
        mine = [record for record in records if record.site == self.goal[0]]
        if any(record.outcome == self.goal[1] for record in mine):
            return REACHED
        if mine:
            return (1, min(abs(record.gap) or 1e-12 for record in mine))
        at = self._leaves(records)
        leaves = at < min(len(records), len(self.way)) and records[at].site == self.way[at][0]
        gap = abs(records[at].gap) if leaves else math.inf
        return (2 + len(self.way) - at, gap)

    def failing(self, records: Sequence[Record]) -> tuple[Record, bool] | None:
        """The record that must turn next, and to which outcome; None where the run went somewhere else altogether."""
        mine = [record for record in records if record.site == self.goal[0]]
        if mine:
            return min(mine, key=lambda record: abs(record.gap)), self.goal[1]
        at = self._leaves(records)
        if at < len(records) and at < len(self.way) and records[at].site == self.way[at][0]:
            return records[at], self.way[at][1]
        return None

    def _leaves(self, records: Sequence[Record]) -> int:
        """The first step of the way that a run did not take."""
        for at, (record, step) in enumerate(zip(records, self.way, strict=False)):
            if (record.site, record.outcome) != step:
                return at
        return min(len(records), len(self.way))


def aim_at(goal: Goal, records: Sequence[Record]) -> Aim:
    """The goal, with the way of a run that evaluated its condition."""
    way: list[Goal] = []
    for record in records[:_LONGEST]:
        if record.site == goal[0]:
            break
        way.append((record.site, record.outcome))
    return Aim(goal, tuple(way))
