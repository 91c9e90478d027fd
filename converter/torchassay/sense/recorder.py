"""Collects what the sensors see: one site for each kind of event at each call path, and the events in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from torchassay.sense.frames import FrameReader, RawChain
from torchassay.sense.leak import Comparison

MAX_EVENTS = 200_000
MAX_VALUES = 64
# Kinds of events that are decisions of Python itself rather than values that leave a tensor.
DECISIONS = frozenset(("decision", "loop", "caught"))
SiteKey = tuple[str, str, RawChain]
_REPLAYABLE = (bool, int, float, complex, str, list, torch.dtype, torch.device, torch.layout)


@dataclass(slots=True)
class RawSite:
    """A place under observation, before its frames are turned into statements."""

    kind: str
    chain: RawChain
    subject: str
    values: list[str] = field(default_factory=list)
    count: int = 0
    taint: frozenset[str] = frozenset()
    comparison: Comparison | None = None
    first: int = 0


class Recorder:
    """The log of one run."""

    def __init__(self, reader: FrameReader) -> None:
        self.reader = reader
        self.sites: list[RawSite] = []
        self.events: list[tuple[int, str]] = []
        self.truncated = False
        self.numbers_leaked = False
        self.trouble: str | None = None
        self.raw: dict[SiteKey, list[Any]] = {}
        self.frozen: dict[SiteKey, list[Any]] = {}
        self.replacement: tuple[Any] | None = None
        self._numbers: dict[SiteKey, int] = {}

    def guarded(self, sense: Callable[..., None], *arguments: Any) -> None:
        """Calls a sensor; an error of ours must never become one of the model's, which might even catch it."""
        try:
            sense(*arguments)
        except Exception as error:
            self.trouble = self.trouble or f"a sensor failed: {type(error).__name__}: {error}"

    def leak(
        self,
        kind: str,
        value: str,
        *,
        subject: str,
        taint: frozenset[str] = frozenset(),
        comparison: Comparison | None = None,
        chain: RawChain | None = None,
        raw: Any = None,
    ) -> None:
        """Notes that `value` left the tensor world here. `raw` is the Python value itself, if it can be handed out again."""
        site = self._event(kind, subject, chain if chain is not None else self.reader.chain(), value)
        if site is None:
            return
        site.taint |= taint
        site.comparison = site.comparison or comparison
        if isinstance(raw, _REPLAYABLE):
            self._replay((kind, subject, site.chain), site.count - 1, raw)

    def _replay(self, key: SiteKey, occurrence: int, raw: Any) -> None:
        """Keeps the value; where this site is frozen, has the value of another run handed out in its place."""
        kept = self.raw.setdefault(key, [])
        if len(kept) < MAX_VALUES:
            kept.append(raw)
        frozen = self.frozen.get(key)
        if frozen:
            self.replacement = (frozen[min(occurrence, len(frozen) - 1)],)

    def decide(self, kind: str, chain: RawChain, outcome: str) -> None:
        """Notes which way a decision went."""
        self._event(kind, "", chain, outcome)

    def _event(self, kind: str, subject: str, chain: RawChain, value: str) -> RawSite | None:
        if len(self.events) >= MAX_EVENTS:
            self.truncated = True
            return None
        if not chain:
            return None
        number = self._numbers.setdefault((kind, subject, chain), len(self.sites))
        if number == len(self.sites):
            self.sites.append(RawSite(kind, chain, subject, first=len(self.events)))
        site = self.sites[number]
        self.events.append((number, value))
        site.count += 1
        if len(site.values) < MAX_VALUES:
            site.values.append(value)
        return site
