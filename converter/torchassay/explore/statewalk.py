"""Walks through the states of a model that remembers: from each new state, every telling call is tried once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from torchassay.explore.chance import seed_all
from torchassay.explore.literals import Literals
from torchassay.explore.pair import Eager, TooMuch
from torchassay.explore.space import Attempt, Space
from torchassay.inputs.call import Call

_STATES = 60
_CALLS = 24
_LONGEST = 12

State = tuple[object, ...]


class StateWalk:
    """Breadth first over the Python values that calls leave behind."""

    def __init__(self, eager: Eager, space: Space, literals: Literals, expired: Callable[[], bool]) -> None:
        self._eager = eager
        self._expired = expired
        self._calls = [space.example, *space.contrasting(), *space.literal_calls(literals, _CALLS)]
        self._calls += [space.random_call() for _ in range(4)]

    def attempts(self) -> Iterator[Attempt]:
        """Every call in every state that was reached, the states in the order of how few calls they need."""
        seen: set[State] = set()
        waiting: deque[tuple[Call, ...]] = deque([()])
        while waiting and len(seen) < _STATES:
            path = waiting.popleft()
            for call in self._calls:
                if self._expired():
                    return
                longer = (*path, call)
                yield Attempt(longer, "state", f"a call after {len(path)} telling ones")
                state = self._state_after(longer)
                if state is not None and state not in seen:
                    seen.add(state)
                    if len(longer) < _LONGEST:
                        waiting.append(longer)

    def _state_after(self, calls: tuple[Call, ...]) -> State | None:
        self._eager.reset()
        seed_all(0)
        try:
            for call in calls:
                self._eager(call)
        except TooMuch:
            return None
        return self._eager.guard.fingerprint()
