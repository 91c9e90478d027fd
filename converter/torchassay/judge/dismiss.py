"""Reasons, each checked, why a leak cannot make the artifact differ inside the declared domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torchassay.explore.counterexample import BranchRecord, Exploration, Place
from torchassay.inputs import tree
from torchassay.inputs.domain import Domain
from torchassay.inputs.kinds import INTEGER_LIMITS, TensorSpec
from torchassay.sense.leak import Leak
from torchassay.source.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

_META = frozenset(("dtype", "rank", "layout", "grad", "device"))
_FIXED = frozenset(("parameter", "constant", "python"))
_STATE = frozenset(("attribute", "buffer", "global"))
_RESTLESS = frozenset(("clock", "rng"))
_FOLLOWED = frozenset(("shape", "value", "parameter", "constant"))
_ENOUGH = 30
_VAST = 1e9
_FEW = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that dismissals are checked against; `varied` are the sites whose value was seen to change."""

    domain: Domain
    exploration: Exploration
    varied: frozenset[tuple[object, ...]] = frozenset()
    settled: Mapping[Place, str] = field(default_factory=dict)  # conditions that cannot turn or decide nothing, and why
    sized: frozenset[tuple[object, ...]] = frozenset()  # sites that no declared size gives another value
    idle: frozenset[tuple[str, int]] = frozenset()  # statements whose every value is only logged or never read


def reason(leak: Leak, evidence: Evidence) -> str | None:
    """Why the leak is harmless here; None when nothing checked says so."""
    if any(f"layout:{path}" in leak.taint for path in evidence.exploration.layouts):
        return None
    return (
        _inert(leak, evidence)
        or _settled(leak, evidence)
        or _sizes_tried(leak, evidence)
        or _sizes_computed(leak, evidence)
        or _state_tried(leak, evidence)
        or _tracing(leak, evidence)
        or _setting(leak)
        or _guard(leak, evidence)
        or _both_sides(leak, evidence)
    )


def _settled(leak: Leak, evidence: Evidence) -> str | None:
    """A condition has only one way to go, or it does not matter which way it goes."""
    statement = leak.statement
    here = [why for place, why in evidence.settled.items() if _covers(statement, place)]
    one_sided = [record for record in evidence.exploration.branches if _is_at(record, leak)]
    if not here or any(len(record.outcomes) > 1 for record in one_sided):
        return None
    return here[0]


def _covers(statement: Statement, place: Place) -> bool:
    return place.file == statement.file and statement.line <= place.line <= statement.end_line


def _state_tried(leak: Leak, evidence: Evidence) -> str | None:
    """What a call leaves behind is carried on: through long sequences, with no one-sided condition that looks at it.

    Or there is nothing to carry on: something made by the first call, the same by any call, and never again changed.
    """
    found = evidence.exploration
    if leak.kind in _STATE and found.resting:
        return f"each of {found.resting} runs of one call or several left the same behind, and the outputs agree"
    longest = found.runs_by_stage.get("long sequences", found.runs)
    carried = {"long sequences", "memory"} <= set(found.finished) or "mixed" in found.finished
    if leak.kind not in _STATE or not carried or any(_decides_at(place, evidence) for place in found.remembering):
        return None
    return f"{longest} sequences of up to 256 calls were run on one model, and the outputs agree"


def _decides_at(place: Place, evidence: Evidence) -> bool:
    """Whether a condition is more than a check that has held."""
    records = [record for record in evidence.exploration.branches if record.place == place]
    return not records or not all(_holds(record, evidence) for record in records)


def _tracing(leak: Leak, evidence: Evidence) -> str | None:
    """Code that asks whether it is being traced: the comparison itself tells whether that matters.

    A few calls are enough: what the traced side does otherwise, it does on every call, unless another condition is in
    between, which is then a leak of its own.
    """
    if leak.kind != "tracing" or evidence.exploration.runs < _FEW:
        return None
    return f"the traced side answered {evidence.exploration.runs} calls as the model does"


def _setting(leak: Leak) -> str | None:
    """What an installed package asks of the environment is how it was set up; the user's own code may mean anything."""
    if leak.kind == "environment" and leak.frames and leak.frames[-1].origin == "package":
        return "an installed package reads a setting there, which no call changes"
    return None


def _heads(leak: Leak) -> set[str]:
    return {label.partition(":")[0] for label in leak.taint}


def _inert(leak: Leak, evidence: Evidence) -> str | None:
    """Everything that the value depends on is fixed by the declaration."""
    if not leak.taint:
        return None
    if all(_is_fixed(label, evidence) for label in leak.taint):
        return f"depends only on what cannot vary: {_listed(leak.taint)}"
    return None


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(sorted(label.replace(":", " of ") for label in labels))


def _is_fixed(label: str, evidence: Evidence) -> bool:
    head, _, path = label.partition(":")
    if head in _FIXED:
        return True
    if head == "buffer":
        return not evidence.exploration.state_changes
    if head == "shape":
        return _size_is_fixed(path, evidence.domain)
    if head in _META:
        return _fact_is_fixed(head, path, evidence.domain)
    return False


def _size_is_fixed(path: str, domain: Domain) -> bool:
    """`x[0]` names one size of `x`; a bare path means any of them."""
    if not domain.symbols and not any(len(leaf.alternatives) > 1 for leaf in domain.leaves):
        return True
    name, index = _split_size(path)
    for leaf in domain.leaves:
        if leaf.path not in (path, name):
            continue
        for spec in leaf.alternatives:
            if isinstance(spec, TensorSpec) and not _dims_fixed(spec, index if leaf.path == name else None):
                return False
        return len({_shape_text(spec) for spec in leaf.alternatives}) <= 1 or index is not None
    return False


def _split_size(path: str) -> tuple[str, int | None]:
    steps = tree.split(path)
    last = steps[-1] if steps else None
    if isinstance(last, int) and path.endswith("]"):
        return path[: path.rindex("[")], last
    return path, None


def _dims_fixed(spec: TensorSpec, index: int | None) -> bool:
    if index is None:
        return all(dim.fixed for dim in spec.dims)
    if not -len(spec.dims) <= index < len(spec.dims):
        return True
    return spec.dims[index].fixed


def _shape_text(spec: object) -> str:
    return repr(spec.dims) if isinstance(spec, TensorSpec) else repr(spec)


def _fact_is_fixed(fact: str, path: str, domain: Domain) -> bool:
    """Only where an alternative is declared can a dtype, rank, layout or gradient flag differ."""
    if fact == "device":
        return True
    found = [leaf for leaf in domain.leaves if leaf.path == path or path.startswith(leaf.path)]
    for leaf in found:
        specs = [spec for spec in leaf.alternatives if isinstance(spec, TensorSpec)]
        values = {_fact(fact, spec) for spec in specs}
        if len(values) > 1:
            return False
        if fact == "layout" and any(not dim.fixed for spec in specs for dim in spec.dims):
            return False
    return True


def _fact(fact: str, spec: TensorSpec) -> object:
    if fact == "dtype":
        return spec.dtype
    if fact == "rank":
        return len(spec.dims)
    return spec.layout


def _sizes_tried(leak: Leak, evidence: Evidence) -> str | None:
    """A value made of sizes and declared facts alone is settled by running all of them."""
    found = evidence.exploration
    if not leak.taint or not _heads(leak) <= {"shape", "constant", "parameter", *_META}:
        return None
    if found.sizes_complete and found.alternatives_complete:
        return "every declared size and alternative was run, and the outputs agree"
    symbols = _symbols(leak, evidence.domain)
    if _heads(leak) <= {"shape", *_FIXED} and len(symbols) == 1 and symbols <= set(found.complete_symbols):
        return f"every declared size of {min(symbols)} was run, and the outputs agree"
    return None


def _sizes_computed(leak: Leak, evidence: Evidence) -> str | None:
    """The recorded arithmetic of sizes gives the same for every declared size: this leak is never the first to turn.

    Labels of values may be there: they say too much, as the arithmetic was done without any. A number that Python made
    from another leak is not followed.
    """
    if leak.site not in evidence.sized or leak.site in evidence.varied or not _heads(leak) <= _FOLLOWED:
        return None
    return "it is computed from sizes alone, and every declared size gives the same"


def only_sampled(leak: Leak, evidence: Evidence) -> bool:
    """Whether no more than runs speak for the leak: it may turn unseen, and the code behind it then runs otherwise."""
    exact = _inert(leak, evidence) or _settled(leak, evidence) or _sizes_tried(leak, evidence) or _tracing(leak, evidence)
    return exact is None and reason(leak, evidence) is not None


def _symbols(leak: Leak, domain: Domain) -> set[str]:
    """The size symbols that a value depends on; more than one where a label does not say which size."""
    found: set[str] = set()
    for label in leak.taint:
        head, _, path = label.partition(":")
        if head == "shape":
            found |= _symbols_at(path, domain)
    return found


def _symbols_at(path: str, domain: Domain) -> set[str]:
    name, index = _split_size(path)
    found: set[str] = set()
    for leaf in domain.leaves:
        for spec in leaf.alternatives:
            if leaf.path in (path, name) and isinstance(spec, TensorSpec):
                dims = spec.dims if leaf.path == path or index is None else spec.dims[index : index + 1]
                found |= {dim.symbol for dim in dims if dim.symbol is not None}
    return found


def _guard(leak: Leak, evidence: Evidence) -> str | None:
    """A check for what must not be never found it, although calls were steered there."""
    found = evidence.exploration
    records = [record for record in found.branches if _is_at(record, leak)]
    if found.runs < _ENOUGH or not records or not all(_holds(record, evidence) for record in records):
        return None
    looked = f"none of {found.runs} calls came to it"
    if any(record.attempts for record in records):
        looked += ", nor did calls that were steered there"
    if any(record.guard == "finite" for record in records):
        return f"its other side needs a NaN or an infinity, the inputs are bounded, and {looked}"
    return f"its other side only raises an error, and {looked}"


def _holds(record: BranchRecord, evidence: Evidence) -> bool:
    """A check that has gone one way only, in calls with every kind of values or in calls that were steered at it.

    Where inputs may be as large as floats can be, something overflows: that nothing did says nothing then. Where they may
    not, no call leads nearer to a NaN than another, and the ends of the ranges are all that can be tried.
    """
    found = evidence.exploration
    if len(record.outcomes) > 1:
        return False
    if record.guard == "finite":
        return "values" in found.finished and _is_bounded(evidence.domain)
    tried = record.attempts > 0 or "random" in found.finished or not record.varies
    return record.guard == "error" and tried


def _is_bounded(domain: Domain) -> bool:
    """Whether every float input is finite and between bounds that a spec declares."""
    specs = [spec for leaf in domain.leaves if leaf.varies for spec in leaf.alternatives if isinstance(spec, TensorSpec)]
    return all(_has_bounds(spec) for spec in specs if spec.dtype not in INTEGER_LIMITS and spec.dtype != "bool")


def _has_bounds(spec: TensorSpec) -> bool:
    values = spec.values
    if values is None or values.nan or values.inf:
        return False
    return values.choices is not None or (values.lo is not None and values.hi is not None and _ends(values.lo, values.hi) < _VAST)


def _ends(lo: float, hi: float) -> float:
    return max(abs(lo), abs(hi))


def _both_sides(leak: Leak, evidence: Evidence) -> str | None:
    """The condition went both ways, or the value took several, and no output differed."""
    if evidence.exploration.runs < _ENOUGH:
        return None
    if any(_is_open(record, leak, evidence) for record in evidence.exploration.branches):
        return None
    if leak.kind in _RESTLESS:
        return f"it moved on in each of {evidence.exploration.runs} runs, and the outputs agree"
    if leak.site in evidence.varied:
        return f"the value varied among {evidence.exploration.runs} calls, and the outputs agree"
    records = [record for record in evidence.exploration.branches if _is_at(record, leak)]
    if records and all(len(record.outcomes) == 2 for record in records):
        return f"both sides were run among {evidence.exploration.runs} calls, and the outputs agree"
    return None


def _is_open(record: BranchRecord, leak: Leak, evidence: Evidence) -> bool:
    """A condition at the leak, or behind it in a function that was at work then, that may still turn."""
    if not record.open or record.place in evidence.settled or (record.place.file, record.place.line) in evidence.idle:
        return False
    if _holds(record, evidence):
        return False
    place, statement = record.place, leak.statement
    known = [(statement.file, statement.function, statement.line)]
    known += [(frame.file, frame.function, frame.line) for frame in leak.frames]
    return any((place.file, place.function) == (file, function) and place.line >= line for file, function, line in known)


def _is_at(record: BranchRecord, leak: Leak) -> bool:
    return _covers(leak.statement, record.place)
