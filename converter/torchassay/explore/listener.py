"""Runs the eager model with its conditions instrumented, and keeps the map of which outcomes were reached by what."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch

from torchassay.explore.chance import seed_all
from torchassay.explore.counterexample import BranchRecord
from torchassay.explore.functions import executed_by, functions_of
from torchassay.explore.instrument import Condition, Instrument
from torchassay.explore.pair import Eager, TooMuch, guarded
from torchassay.explore.probe import Probe, Record
from torchassay.inputs import tree
from torchassay.inputs.call import Call

Goal = tuple[int, bool]
_KEPT = 4
_ROUND = 1e9  # a gap for each round of a loop that is missing


@dataclass(frozen=True, slots=True)
class Heard:
    """One instrumented run: what was decided, and the inputs with gradients when they were asked for."""

    call: Call
    records: tuple[Record, ...]
    inputs: tuple[torch.Tensor, ...] = ()

    @property
    def path(self) -> tuple[Goal, ...]:
        return tuple((record.site, record.outcome) for record in self.records)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a condition looked at: values that can be compared, and a container that is the same one or another."""

    values: tuple[object, ...]
    made: object

    def same(self, other: _Facts) -> bool:
        return self.made is other.made and self.values == other.values


def _facts_of(record: Record) -> _Facts:
    """Of a test for None it only counts whether it is; which other object was there says nothing."""
    if record.op in ("is", "is not") and record.right is None:
        return _Facts((record.outcome,), None)
    return _Facts((record.gap, record.left, record.right, record.facts), record.made)


class Listener:
    """Instruments the functions of one eager model; remembers, for each condition, the calls that came closest."""

    def __init__(self, eager: Eager, example: Call) -> None:
        self._eager = eager
        self._probe = Probe()
        self._instrument = Instrument(self._probe)
        self.executed = executed_by(lambda: eager(example))
        functions = list(functions_of(eager.subject.model, self.executed))
        self._instrument.install(functions)
        self._probe.listened(functions)
        self.covered: dict[Goal, Call] = {}
        self.nearest: dict[Goal, list[tuple[float, Call]]] = {}
        self.attempts: dict[Goal, int] = {}
        self._example = example
        self._rounds: dict[int, int] = {}  # how often the example came to each test that then ended a loop
        self._facts: dict[int, list[_Facts]] = {}
        self._varying: set[int] = set()
        self._deciding: set[int] = set()
        self._about_finite: set[int] = set()
        self.runs = 0

    @property
    def conditions(self) -> list[Condition]:
        return self._instrument.sites.conditions

    def hear(self, call: Call, *, seed: int = 0, gradients: bool = False) -> Heard:
        """Runs one call on the untouched model. With `gradients` the gaps keep their dependence on float inputs."""
        return self.hear_all((call,), seed=seed, gradients=gradients)

    def hear_all(self, calls: Sequence[Call], *, seed: int = 0, gradients: bool = False) -> Heard:
        """Runs calls in order on one untouched model, listening to the last."""
        self.runs += 1
        self._eager.reset()
        seed_all(seed)
        with contextlib.suppress(TooMuch):
            for call in calls[:-1]:
                self._eager(call)
        call = calls[-1]
        ready, inputs = _with_gradients(call) if gradients else (call.clone(), ())
        self._probe.start()
        try:
            with torch.set_grad_enabled(gradients or call.requires_grad), self._probe:
                guarded(lambda: self._eager.subject.call(ready), self._eager.seconds)
        except TooMuch:
            pass  # what was heard until then is heard
        finally:
            records = self._probe.stop()
        if call is self._example and len(calls) == 1:
            self._rounds = {site: count for site, (count, _) in self._ended(records).items()}
        return Heard(call, (*records, *self._longer(records)), inputs)

    def _ended(self, records: Sequence[Record]) -> dict[int, tuple[int, Record]]:
        """The tests at which loops ended: how often each was made, and its last record."""
        exits = self._instrument.sites.exits
        found: dict[int, tuple[int, Record]] = {}
        for record in records:
            if record.site in exits:
                found[record.site] = (found.get(record.site, (0, record))[0] + 1, record)
        return {site: ended for site, ended in found.items() if ended[1].outcome == exits[site][1]}

    def _longer(self, records: Sequence[Record]) -> Iterator[Record]:
        """Whether each loop went around more often than in the example, and by how much it missed that."""
        for site, (count, last) in self._ended(records).items():
            longer, ending = self._instrument.sites.exits[site]
            missing = self._rounds.get(site, count) - count
            gap = 1.0 if missing < 0 else -(abs(last.gap) + missing * _ROUND)
            target = last.target if last.target is None or not ending else -last.target
            yield replace(last, site=longer, outcome=missing < 0, gap=gap, target=target)

    def learn(self, heard: Heard, *, after_others: bool = False) -> list[Goal]:
        """Enters a run into the map; returns the outcomes that were new.

        What a call reached `after_others` says nothing about how near the call alone comes.
        """
        new = []
        self._compare_facts(heard.records)
        for record in heard.records:
            if record.decides:
                self._deciding.add(record.site)
            if record.about_finite:
                self._about_finite.add(record.site)
            goal = (record.site, record.outcome)
            if goal not in self.covered:
                self.covered[goal] = heard.call
                new.append(goal)
            if not after_others:
                self._approach((record.site, not record.outcome), abs(record.gap), heard.call)
        return new

    def _compare_facts(self, records: Iterable[Record]) -> None:
        """Notes the conditions that look at something else than in the first run that met them.

        A test of a tensor whose contents are not known always does. What differs from turn to turn of a loop, and alike in
        every run, does not; nor does what is looked at more often in one run than in another.
        """
        found: dict[int, list[_Facts]] = {}
        for record in records:
            if record.of_tensor and record.facts is None:
                self._varying.add(record.site)
            found.setdefault(record.site, []).append(_facts_of(record))
        for site, facts in found.items():
            known = self._facts.setdefault(site, facts)
            alike = len(known) == len(facts) and all(map(_Facts.same, known, facts))
            if not alike and not all(known[0].same(each) for each in (*known, *facts)):
                self._varying.add(site)

    def varies(self, site: int) -> bool:
        """Whether a condition was seen to look at something that changes."""
        return site in self._varying

    def _approach(self, goal: Goal, distance: float, call: Call) -> None:
        near = self.nearest.setdefault(goal, [])
        if (len(near) < _KEPT or distance < near[-1][0]) and not any(known is call for _, known in near):
            near.append((distance, call))
            near.sort(key=lambda pair: pair[0])
            del near[_KEPT:]

    def goals(self, *, distinct: bool = False) -> list[Goal]:
        """Outcomes that no run has reached although their condition was evaluated; the least tried first.

        `distinct` leaves out the comparisons whose truth is a goal itself.
        """
        open_goals = [goal for goal in self.nearest if goal not in self.covered]
        if distinct:
            tests = {self.conditions[site].place for site, _ in open_goals if self.conditions[site].kind == "truth"}
            open_goals = [
                goal
                for goal in open_goals
                if self.conditions[goal[0]].kind == "truth" or self.conditions[goal[0]].place not in tests
            ]
        return sorted(open_goals, key=lambda goal: (self.attempts.get(goal, 0), goal))

    def branches(self) -> tuple[BranchRecord, ...]:
        """Every condition that was evaluated, with the outcomes that were reached."""
        outcomes: dict[int, set[bool]] = {}
        for site, outcome in self.covered:
            outcomes.setdefault(site, set()).add(outcome)
        for site in self._rounds:
            outcomes[site] = outcomes.pop(self._instrument.sites.exits[site][0], outcomes[site])
        found = []
        for site, reached in sorted(outcomes.items()):
            condition = self.conditions[site]
            if condition.kind == "longer" or site not in self._deciding:
                continue
            tried = sum(self.attempts.get((site, side), 0) for side in (False, True))
            varies = self.varies(site)
            guard = "error" if site in self._instrument.sites.guards else "finite" if site in self._about_finite else ""
            found.append(BranchRecord(condition.place, condition.text, frozenset(reached), tried, varies, guard))
        return tuple(found)

    def witnesses(self, example: Call) -> tuple[Call, ...]:
        """The calls, other than the example, that first reached the second outcome of some condition."""
        found = {
            id(call): call
            for (site, outcome), call in self.covered.items()
            if (site, not outcome) in self.covered and call is not example
        }
        return tuple(found.values())

    def close(self) -> None:
        self._instrument.remove()


def first_flip(base: Sequence[Goal], other: Sequence[Goal]) -> Goal | None:
    """The first condition that went another way, as long as both runs took the same way before."""
    for before, now in zip(base, other, strict=False):
        if before != now:
            return now if before[0] == now[0] else None
    return None


def movable(tensor: torch.Tensor) -> bool:
    """Whether gradients can move a tensor."""
    return tensor.is_floating_point() and tensor.layout == torch.strided


def _with_gradients(call: Call) -> tuple[Call, tuple[torch.Tensor, ...]]:
    """The call with its float tensors replaced by copies whose gradients are recorded."""
    inputs: list[torch.Tensor] = []

    def attach(_: str, leaf: object) -> object:
        if not isinstance(leaf, torch.Tensor):
            return leaf
        if not movable(leaf):
            return leaf.clone()
        source = leaf.detach().clone().requires_grad_()
        inputs.append(source)
        return source.clone()  # not a leaf: the model may write into its input

    twin = Call(
        tuple(tree.transform(value, attach) for value in call.args),
        {name: tree.transform(value, attach) for name, value in call.kwargs.items()},
    )
    return twin, tuple(inputs)


def with_floats(call: Call, values: Sequence[torch.Tensor]) -> Call:
    """The call with its float tensors, in order, replaced by `values`."""
    feed: Iterator[torch.Tensor] = iter(values)

    def exchange(_: str, leaf: object) -> object:
        if isinstance(leaf, torch.Tensor) and movable(leaf):
            return next(feed).detach().to(leaf.dtype).requires_grad_(leaf.requires_grad)
        return leaf

    return Call(
        tuple(tree.transform(value, exchange) for value in call.args),
        {name: tree.transform(value, exchange) for name, value in call.kwargs.items()},
    )
