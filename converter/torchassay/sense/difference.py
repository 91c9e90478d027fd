"""Where two runs of a model part ways: the first leak or decision whose value differs, else the first line that one ran."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from torchassay.sense.build import statement_of
from torchassay.sense.leak import Frame, Leak, Sensing, Site
from torchassay.source.locate import statement_at
from torchassay.source.statement import Statement

_FACTS = frozenset(("rank", "dtype", "device", "layout", "grad", "shape"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two runs differ, with both values. `kind` is a leak's kind, or `decision`, `loop`, `caught`, `line`.

    `change` is where the state was changed on which the place decides, when the runs differ in nothing else.
    """

    statement: Statement
    kind: str
    before: str
    after: str
    frames: tuple[Frame, ...] = ()
    subject: str = ""
    change: Leak | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What replaying one run's values in the other showed: the statements that change the output, and those that do not."""

    guilty: frozenset[tuple[str, int]] = frozenset()
    cleared: frozenset[tuple[str, int]] = frozenset()


def first_difference(first: Sensing, second: Sensing, trial: Trial | None = None) -> Difference | None:
    """Returns the statement that explains best why the runs differ, or None if nothing that was seen differs.

    What a trial found to change the output comes first, and what it cleared last. A value that leaked comes before the
    decision taken on it. A mere fact (a shape, a dtype) counts only where something is decided or computed from it, or
    where nothing else differs.
    """
    found = list(differences(first, second))
    telling = [each for each in found if each.kind not in _FACTS or each.statement.decides]
    candidates = [each for each in telling if trial is not None and each.statement.place in trial.guilty]
    cleared = trial.cleared if trial is not None else frozenset()
    for group in (candidates, [each for each in telling if each.statement.place not in cleared], telling, found):
        if group:
            return group[0]
    return line_difference(first, second)


def differences(first: Sensing, second: Sensing) -> Iterator[Difference]:
    """Yields the differing events in order, each place once, up to where the runs follow different paths."""
    keys = (_keys(first), _keys(second))
    told: set[int] = set()
    for one, other in zip(first.events, second.events, strict=False):
        here, there = first.sites[one.site], second.sites[other.site]
        if keys[0][one.site] != keys[1][other.site]:
            yield from _parted(here, there)
            return
        if one.value != other.value and one.site not in told:
            told.add(one.site)
            yield _difference(here, one.value, other.value, first)
    yield from _surplus(first, second)


def _parted(here: Site, there: Site) -> Iterator[Difference]:
    """The paths parted with no differing event before: an exception that one run caught is the usual reason."""
    for site, values in ((here, ("caught", "")), (there, ("", "caught"))):
        if site.kind == "caught":
            yield _difference(site, *values)
            return


def _difference(site: Site, before: str, after: str, run: Sensing | None = None) -> Difference:
    statement = statement_of(site, run.executed_lines if run is not None else None)
    return Difference(statement, site.kind, before, after, site.frames, site.subject)


def _surplus(first: Sensing, second: Sensing) -> Iterator[Difference]:
    """One run went on where the other ended: a handler, or a call that raised."""
    shorter, longer = sorted((first, second), key=lambda sensing: len(sensing.events))
    if len(shorter.events) < len(longer.events):
        site = longer.sites[longer.events[len(shorter.events)].site]
        if site.kind == "caught":
            yield _difference(site, "", "")


def _keys(sensing: Sensing) -> list[object]:
    return [(site.kind, site.subject, _path(site.frames)) for site in sensing.sites]


def _path(frames: tuple[Frame, ...]) -> tuple[object, ...]:
    return tuple((frame.file, frame.function, frame.module, frame.position) for frame in frames)


def line_difference(first: Sensing, second: Sensing) -> Difference | None:
    """Returns the statement that decides about the first line which only one of the runs executed."""
    for file in sorted({*first.executed_lines, *second.executed_lines}):
        ran = [sensing.executed_lines.get(file, frozenset()) for sensing in (first, second)]
        if not all(ran):
            continue
        for line in sorted(ran[0] ^ ran[1]):
            statement = deciding_statement(file, line, ran[0] & ran[1])
            if statement is not None:
                yes, no = ("ran", "did not run") if line in ran[0] else ("did not run", "ran")
                return Difference(statement, "line", yes, no)
    return None


def deciding_statement(file: str, line: int, common: frozenset[int]) -> Statement | None:
    """Returns the construct whose branch holds `line`, where both runs reached its header; else the statement at `line`."""
    from torchassay.source.index import source_file
    from torchassay.source.locate import header_deciding

    source = source_file(file)
    header = header_deciding(source, line, common) if source is not None else None
    statement = statement_at(file, None, line=header if header is not None else line)
    return replace(statement, function=statement.function) if statement.kind != "unknown" or statement.line else None
