"""The search itself, inside one child process: runs proposed calls on both sides until the plan or the time is over."""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from torchassay.explore.agree import Disagreement, compare
from torchassay.explore.chance import chance_state, seed_all
from torchassay.explore.counterexample import Counterexample, Exploration, Options
from torchassay.explore.directed import Director
from torchassay.explore.evolve import Evolution
from torchassay.explore.listener import Goal, Listener, first_flip
from torchassay.explore.literals import Literals, collect
from torchassay.explore.memory import Memory
from torchassay.explore.mutate import Mutator
from torchassay.explore.pair import Pair, TooMuch, Trial, unspecialised
from torchassay.explore.progress import CLEAR, Journal, Progress, Raw
from torchassay.explore.shrink import Shrinker
from torchassay.explore.sides import Sides
from torchassay.explore.space import Attempt, Space
from torchassay.explore.statewalk import StateWalk
from torchassay.inputs.call import Call
from torchassay.inputs.domain import Domain

if TYPE_CHECKING:
    from torchassay.loading.subject import Subject

_SLOW = 0.05  # seconds a call: above, every kind of attempt gets its turn before any is finished
_CHEAP = 0.002
_CARRIED = 8  # sequences that come first where calls leave something behind
_KEPT_RAW = 400
_ROUNDS = 8
_GOAL_RUNS = 260
_SWEEP_RUNS = 1500
_STARTS = 24  # calls by chance from which a goal is pursued
_CHANGES = 4000  # runs that changes by chance may take for one goal
_WITNESSES = 6
_FIRST = 40  # attempts that are all listened to
_DENSE = 0.4  # of the budget may go into running every size
_PLANNED = 0.7  # of the budget may go into the plan before what it did not reach is pursued
_REPEATS = (1, 2, 4, 8, 16, 32, 64)
_SEEDS = 40


class Hunt:
    """One search. `poison` are attempts that killed an earlier child: they are reported, not run."""

    def __init__(
        self,
        subject: Subject,
        domain: Domain,
        artifact: Path,
        options: Options,
        journal: Journal,
        poison: frozenset[int] = frozenset(),
    ) -> None:
        self._started = time.monotonic()
        self._options = options
        self._journal = journal
        self._poison = poison
        self._pair = Pair(subject, artifact, seconds=options.call_seconds)
        self._space = Space(domain, options.seed)
        self._pair.eager.warm_up(self._space.example)
        self._started = time.monotonic()  # imports of the first call are not the search's time
        self._listener = Listener(self._pair.eager, self._space.example)
        self._count = 0
        self._progress = Progress()
        self._baseline: tuple[Goal, ...] = ()
        self._cheap = False  # a call takes so little that each may be listened to
        self._sides = Sides(self._space)

    def run(self) -> Exploration:
        with unspecialised():
            self._examples()
            self._search()
            return self._finish()

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _expired(self) -> bool:
        return self._elapsed() > max(self._options.budget, 0.0)

    # Stages.

    def _examples(self) -> None:
        for attempt in self._space.examples():
            self._try(attempt, "example")
        self._progress.randomness = self._randomness()

    def _search(self) -> None:
        pace = self._pace()
        self._cheap = pace < _CHEAP
        self._space.dense = int(_DENSE * self._options.budget / max(pace, 1e-4))
        self._progress.alternatives_complete = not self._space.has_alternatives
        self._baseline = self._listener.hear(self._space.example).path
        self._listener.learn(self._listener.hear(self._space.example))
        stages = self._stages()
        if pace > _SLOW:
            first = 2 if self._space.size_plans()[1] else 0  # what settles all sizes comes before everything else
            rest = [self._noted(name, attempts) for name, attempts in stages[first:]]
            stages = [*stages[:first], ("mixed", _in_turn(rest))]
        if self._expired():
            return
        plan = self._follow(stages)
        ended = all(self._elapsed() < _PLANNED * self._options.budget for _ in plan)
        self._direct()
        if not ended:
            ended = all(not self._expired() for _ in plan)
        self._progress.exhausted = ended and not self._expired()

    def _follow(self, stages: Sequence[tuple[str, Iterator[Attempt]]]) -> Iterator[None]:
        """Runs the attempts of a plan in order, one between two looks at the clock."""
        for name, attempts in stages:
            for attempt in attempts:
                self._try(attempt, name)
                yield
            self._finished(name)

    def _noted(self, stage: str, attempts: Iterator[Attempt]) -> Iterator[Attempt]:
        """The attempts of one stage among others."""
        yield from attempts
        self._finished(stage)

    def _finished(self, stage: str) -> None:
        """Notes what a whole stage settles."""
        progress = self._progress
        progress.finished.append(stage)
        if stage == "sizes":
            progress.sizes_complete = self._space.size_plans()[1]
            progress.complete_symbols = self._space.complete_symbols()
        if stage == "alternatives":
            progress.alternatives_complete = self._space.choice_plans()[1]

    def _pace(self) -> float:
        """Seconds for one call on both sides: the best of a few, for others may be using the machine."""
        best = float("inf")
        for _ in range(3):
            started = time.monotonic()
            self._pair.run((self._space.example,))
            best = min(best, time.monotonic() - started)
            if best > 1.0:
                break
        return best

    def _stages(self) -> list[tuple[str, Iterator[Attempt]]]:
        space = self._space
        return [
            ("sizes", space.sizes_alone()),
            ("carried", self._if_stateful(lambda: itertools.islice(space.sequences(), _CARRIED))),
            ("shapes", space.shapes()),
            ("alternatives", space.alternatives()),
            ("values", space.values()),
            ("layouts", space.layouts()),
            ("sequences", space.sequences()),
            ("long sequences", self._if_stateful(space.long_sequences)),
            ("memory", self._if_stateful(self._memory)),
            ("chance", space.chances() if self._progress.randomness else iter(())),
            ("random", space.random_attempts(60)),
            ("literals", self._planted()),
            ("sides", self._sides.attempts(self._mutator())),
        ]

    def _if_stateful(self, attempts: Callable[[], Iterator[Attempt]]) -> Iterator[Attempt]:
        if self._progress.changes or self._progress.randomness:
            yield from attempts()

    def _memory(self) -> Iterator[Attempt]:
        literals = self._literals
        memory = Memory(self._listener, self._space.example, self._space.contrasting())
        yield from memory.attempts(literals)
        walk = StateWalk(self._pair.eager, self._space, literals, self._expired)
        yield from walk.attempts()
        self._progress.remembering = memory.places()

    def _planted(self) -> Iterator[Attempt]:
        literals = self._literals
        if literals.numbers or literals.texts:
            yield from self._space.literal_sizes(literals)
            bases = [self._space.example, self._space.random_call()]
            yield from self._space.literal_attempts(literals, bases)

    def _mutator(self) -> Mutator:
        return Mutator(self._space, self._literals)

    @functools.cached_property
    def _literals(self) -> Literals:
        """The constants of the untouched model."""
        self._pair.eager.reset()
        return collect(self._pair.eager.subject.model, self._listener.executed)

    # One attempt.

    def _try(self, attempt: Attempt, stage: str) -> Disagreement | None:
        """Runs both sides; how they disagree, if they do."""
        self._count += 1
        self._progress.by_stage[stage] = self._progress.by_stage.get(stage, 0) + 1
        self._journal.enter(self._count)
        if self._count in self._poison:
            self._progress.suspects.append(attempt.calls)
            return None
        trial = self._pair.run(attempt.calls, self._options.seed + attempt.seed)
        self._note_changes(attempt)
        if trial.disagreement is None:
            self._explore_path(attempt)
            return None
        if attempt.cause == "layout":
            if trial.disagreement.kind != "raises":  # a guard that fails is loud, and no spec promised that order
                self._progress.layouts[attempt.label] = None
            return None
        self._keep(attempt, trial)
        return trial.disagreement

    def _note_changes(self, attempt: Attempt) -> None:
        if (len(self._progress.changes) < 32 and self._count % 7 == 1) or self._count < 20:
            for change in self._pair.eager.guard.changes():
                self._progress.changes[change.path] = None
        if self._progress.changes and self._progress.rests.wanted(len(attempt.calls)):
            self._progress.rests.note(len(attempt.calls), self._pair.eager.guard.rest())

    def _explore_path(self, attempt: Attempt) -> None:
        """Lets the listener learn which conditions a call reaches, while that is cheap."""
        if len(attempt.calls) > 1 and attempt.label.endswith("equal calls"):
            self._listener.learn(self._listener.hear_all(attempt.calls), after_others=True)
        telling = self._count % 3 == 0 or attempt.cause != "value" or self._count < _FIRST or self._cheap
        if len(attempt.calls) != 1 or not telling or not self._listener.conditions:
            return
        if self._listener.learn(self._listener.hear(attempt.calls[0])):
            self._sides.add(attempt.calls[0])

    def _keep(self, attempt: Attempt, trial: Trial) -> None:
        self._progress.disagreements += 1
        if self._progress.disagreements > _KEPT_RAW or trial.disagreement is None:
            return
        raw = Raw(attempt, trial, trial.disagreement, self._key(attempt, trial))
        known = self._progress.raws.get(raw.key)
        if known is None or raw.weight < known.weight:
            self._progress.raws[raw.key] = raw

    def _key(self, attempt: Attempt, trial: Trial) -> tuple[object, ...]:
        """Disagreements with the same key likely have the same cause."""
        if self._progress.randomness:
            return (attempt.cause,)
        heard = self._listener.hear_all(trial.calls)
        self._listener.learn(heard)
        flip = first_flip(self._baseline, heard.path)
        if flip is not None:
            return ("flip", flip)
        cause = attempt.cause if attempt.cause in ("shape", "alternative", "state") else "value"
        return (cause, trial.disagreement.kind if trial.disagreement else "")

    # Directed search.

    def _direct(self) -> None:
        """Pursues what no call has reached, by direction first and by chance where that leads nowhere new."""
        director = Director(self._space, self._listener, self._found_path, self._expired)
        evolution = Evolution(self._space, self._listener, self._mutator(), self._found_path, self._expired)
        for _ in range(_ROUNDS):
            before = len(self._listener.covered)
            for goal in dict.fromkeys((*self._listener.goals(distinct=True), *self._listener.goals())):
                known = goal in self._listener.covered or self._listener.attempts.get(goal, 0) >= 2
                if not known and not self._expired():
                    director.pursue(goal, _GOAL_RUNS)
            if len(self._listener.covered) == before:
                self._try_everything(director, evolution)
            for attempt in self._sides.attempts(self._mutator()):
                if self._expired():
                    return
                self._try(attempt, "sides")
            if len(self._listener.covered) == before or self._expired():
                return

    def _try_everything(self, director: Director, evolution: Evolution) -> None:
        """For goals to which nothing has led the way so far."""
        for goal in self._listener.goals(distinct=True):
            if self._expired():
                return
            if not director.sweep(goal, _SWEEP_RUNS) and not evolution.pursue(goal, _CHANGES):
                director.restart(goal, _STARTS)

    def _found_path(self, call: Call, base: Call) -> None:
        """A call reached something new: compare there, and further into the new side."""
        if self._shows(call, "directed"):
            return
        self._sides.add(call)
        for other in self._sides.beyond(call, base):
            if self._expired() or self._shows(other, "beyond"):
                return

    def _shows(self, call: Call, stage: str) -> bool:
        """Whether a call shows a disagreement that is too large to need a better one."""
        found = self._try(Attempt((call,), "value", stage), stage)
        return found is not None and found.excess >= CLEAR

    # Chance.

    def _randomness(self) -> str:
        """Whether eager runs of the same call differ although the seed is the same, or draw random numbers."""
        call = self._space.example
        try:
            first, again = (self._eager(call, 1) for _ in range(2))
            seed_all(2)
            before = chance_state()
            self._pair.eager.reset()
            self._pair.eager(call)
        except TooMuch:
            return ""
        if compare(first, again) is not None:
            return "world"
        return "random" if before.drawn_since() else ""

    def _eager(self, call: Call, seed: int) -> object:
        self._pair.eager.reset()
        seed_all(seed)
        return self._pair.eager(call)

    # The end.

    def _finish(self) -> Exploration:
        raws = sorted(self._progress.raws.values(), key=lambda raw: raw.weight)[: self._options.wanted]
        examples = [self._counterexample(raw) for raw in raws]
        crash = Disagreement("crash", "output", "the artifact crashes")
        examples += [Counterexample(calls, crash, "value", "crash") for calls in self._progress.suspects]
        progress = self._progress
        return Exploration(
            counterexamples=tuple(examples),
            runs=self._count,
            seconds=self._elapsed(),
            sizes_complete=progress.sizes_complete,
            finished=tuple(progress.finished),
            complete_symbols=progress.complete_symbols,
            alternatives_complete=progress.alternatives_complete,
            nondeterministic=bool(progress.randomness),
            state_changes=tuple(progress.changes),
            branches=self._listener.branches(),
            runs_by_stage=progress.by_stage,
            exhausted=progress.exhausted,
            remembering=progress.remembering,
            resting=progress.rests.alike,
            layouts=tuple(progress.layouts),
            witnesses=self._listener.witnesses(self._space.example)[:_WITNESSES],
        )

    def _counterexample(self, raw: Raw) -> Counterexample:
        calls, disagreement = raw.trial.calls, raw.disagreement
        cause = raw.attempt.cause
        if self._progress.randomness:
            robust = self._every_seed(calls)
            cause = self._progress.randomness if robust != calls or cause == "random" else cause
            calls = robust
        else:
            limit = time.monotonic() + min(2.0, self._options.budget)
            shrinker = Shrinker(self._space, self._same_failure(raw), lambda: time.monotonic() > limit)
            calls = shrinker.shrink(calls)
            final = self._pair.run(calls, self._options.seed)
            disagreement = final.disagreement or disagreement
        changes = tuple(change.path for change in self._pair.eager.guard.changes())
        return Counterexample(calls, disagreement, cause, raw.attempt.label, self._options.seed, changes=changes)

    def _every_seed(self, calls: tuple[Call, ...]) -> tuple[Call, ...]:
        """The calls, repeated as often as it takes to disagree whatever the seed; as they are when nothing helps."""
        for count in _REPEATS:
            longer = calls * count
            if all(self._pair.run(longer, seed).disagreement is not None for seed in range(_SEEDS)):
                return longer if count == 1 else longer * 2  # other seeds than these must do as well
            if self._expired():
                break
        return calls

    def _same_failure(self, raw: Raw) -> Callable[[Sequence[Call]], bool]:
        """Whether calls still disagree for what is likely the same cause."""

        def still(calls: Sequence[Call]) -> bool:
            trial = self._pair.run(calls, self._options.seed)
            found = trial.disagreement
            if found is None or trial.failed_at != len(calls) - 1:
                return False
            if (found.kind == "raises") != (raw.disagreement.kind == "raises"):
                return False
            if found.excess < min(raw.disagreement.excess, 1e3):
                return False
            return self._key(raw.attempt, trial) == raw.key

        return still


def _in_turn(sources: list[Iterator[Attempt]]) -> Iterator[Attempt]:
    """One attempt of each source in turn."""
    missing = object()
    for row in itertools.zip_longest(*sources, fillvalue=missing):
        yield from (attempt for attempt in row if isinstance(attempt, Attempt))
