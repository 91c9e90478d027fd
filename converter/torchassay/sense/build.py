"""Turns a run's log into leaks and sites: frames into files and lines, lines into statements, outcomes into dropped lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from torchassay.sense.codes import code_of
from torchassay.sense.execution import IS_NONE, IS_NOT_NONE
from torchassay.sense.frames import frames_of, relevant
from torchassay.sense.leak import Frame, Leak, Site
from torchassay.sense.recorder import DECISIONS, RawSite
from torchassay.source.effects import is_without_effect
from torchassay.source.locate import dropped_at, statement_at
from torchassay.source.statement import Statement

Lines = dict[str, frozenset[int]]


def leaks_of(sites: list[RawSite], lines: Lines, files: Iterable[str] = ()) -> list[Leak]:
    """Returns the leaks among the sites, in the order of their first event."""
    return [leak_of(site, lines, files) for site in sites if site.kind not in DECISIONS]


def leak_of(site: RawSite, lines: Lines, files: Iterable[str] = ()) -> Leak:
    """Returns one site as a leak."""
    frames = frames_of(site.chain)
    statement = statement_of(site_of(site), lines)
    draft = Leak(
        kind=site.kind,
        code="",
        value=shown_value(site),
        frames=frames,
        statement=statement,
        comparison=site.comparison,
        occurrence=site.first,
        count=site.count,
        values=tuple(site.values),
        taint=site.taint,
        subject=site.subject,
        idle=_is_idle(frames, files),
    )
    return replace(draft, code=code_of(draft))


def _is_idle(frames: tuple[Frame, ...], files: Iterable[str]) -> bool:
    named = relevant(frames)
    if named is None or any(frame.origin != "library" for frame in frames[frames.index(named) + 1 :]):
        return False
    return is_without_effect(named.file, named.position, named.line, files)


def site_of(site: RawSite) -> Site:
    """Returns one site in a form that can be pickled."""
    return Site(site.kind, frames_of(site.chain), site.subject, tuple(site.values), site.count)


def shown_value(site: RawSite) -> str:
    """Returns what the example froze: the value, or the first few of several."""
    distinct = list(dict.fromkeys(site.values))
    if len(distinct) <= 1:
        return distinct[0] if distinct else ""
    return ", ".join(site.values[:4]) + (", …" if site.count > 4 else "")


def statement_of(site: Site, lines: Lines | None = None) -> Statement:
    """Returns the statement of a site, with what the run did there; `lines` are those that ran, for the dropped ones."""
    named = relevant(site.frames)
    if named is None:
        return Statement("", 0, 0, 0, "", "unknown")
    statement = statement_at(named.file, named.position, line=named.line, function=named.function)
    taken = _taken(site, statement, direct=named is site.frames[-1] or site.frames[-1].origin == "library")
    dropped = dropped_at(named.file, named.position, named.line, (lines or {}).get(named.file))
    return replace(statement, taken=taken, dropped_lines=dropped)


def _taken(site: Site, statement: Statement, *, direct: bool) -> str | None:
    """Returns what the example did at the statement, where the leaked values tell it."""
    truths = [truth for value in site.values if (truth := _truth(value, statement)) is not None]
    if not direct or len(truths) != len(site.values) or not truths:
        return _counted(site, statement)
    if statement.kind in ("while", "for"):
        turns = truths.count("True")
        return f"{turns} time" + ("" if turns == 1 else "s")
    if statement.kind == "assert":
        return "holds" if set(truths) == {"True"} else "fails"
    return truths[0] if len(set(truths)) == 1 else "both"


def _truth(value: str, statement: Statement) -> str | None:
    """Returns "True" or "False" for a decision's outcome; a test against None is read in the light of its source."""
    if value in (IS_NONE, IS_NOT_NONE):
        asked = IS_NOT_NONE if IS_NOT_NONE in (statement.condition or "") else IS_NONE
        return str(value == asked)
    return value if value in ("True", "False") else None


def _counted(site: Site, statement: Statement) -> str | None:
    loops = statement.kind in ("for", "comprehension") and site.kind in ("index", "int", "count", "len")
    if loops and site.values and site.values[0].isdigit() and (statement.condition or "").startswith("range("):
        return f"{site.values[0]} time" + ("" if site.values[0] == "1" else "s")
    return None
