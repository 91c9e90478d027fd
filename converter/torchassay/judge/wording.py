"""The sentences of a finding: what happens, understandable alone, and the one place for advice."""

from __future__ import annotations

from torchassay.explore.counterexample import Counterexample
from torchassay.sense.leak import Leak
from torchassay.source.statement import Statement

_LIMIT = 60
_EFFECTS = {
    "shape": "another shape",
    "dtype": "another dtype",
    "structure": "another structure",
    "raises": "only one side raising",
    "nan": "NaN or infinity on one side",
    "crash": "a crash of the artifact",
    "hang": "an endless run of the artifact",
    "other": "another value",
}
_ADVICE = {
    "TA101": "script this function, or compute both sides and choose with `torch.where`",
    "TA102": "script this function, so that the loop stays a loop",
    "TA103": "script this function, or declare the size as fixed with `--input`",
    "TA104": "keep the value a tensor instead of turning it into a Python number",
    "TA105": "take the value from a tensor operation at run time, or declare it as fixed with `--input`",
    "TA106": "keep the state in a registered buffer that is changed in place, or pass it in and out",
    "TA107": "draw with `torch` operations, or pass the random value in as an input",
    "TA108": "return the same structure on every path",
    "TA109": "stay inside recorded tensor operations; use `detach()` instead of `.data`",
    "TA110": "compare values instead of identities",
    "TA112": "test for the condition instead of catching the exception",
}


def described(leak: Leak) -> str:
    """What a leak froze."""
    text = _shortened(leak.statement.condition or leak.statement.text)
    if leak.statement.kind in ("if", "ternary", "while", "assert", "boolop", "match") and leak.statement.taken:
        return f"`{text}` is decided once, when the model is traced: {leak.statement.taken}"
    if leak.statement.kind in ("for", "comprehension"):
        return f"the loop over `{text}` is unrolled as often as the example ran it"
    value = f" as {_shortened(leak.value)}" if leak.value else ""
    return f"`{text}` is frozen{value} when the model is traced"


def told(statement: Statement, leak: Leak | None, example: Counterexample, change: Leak | None = None) -> str:
    """What a counterexample shows about a statement; `change` is where the state was changed on which it decides."""
    effect = _effect(example)
    if change is not None:
        text = _shortened(statement.condition or statement.text)
        verb = "goes another way" if statement.decides else "computes something else"
        return f"`{text}` {verb} once line {change.statement.line} has changed {change.subject}, which gives {effect}"
    if leak is not None:
        return f"{described(leak)}, and a legal call gives {effect}"
    if statement.text:
        text = _shortened(statement.condition or statement.text)
        return f"`{text}` goes another way on a legal call, which gives {effect}"
    return f"a legal call gives {effect}"


def _effect(example: Counterexample) -> str:
    found = example.disagreement
    if found.kind == "value":
        return f"an output that differs by {found.max_abs_error:.4g}"
    return _EFFECTS.get(found.kind, found.text)


def advice(statement: Statement, leak: Leak | None, example: Counterexample | None) -> str:
    """What the author of the model can do."""
    code = leak.code if leak is not None else None
    if code is None and example is not None:
        code = {"state": "TA106", "random": "TA107", "world": "TA107"}.get(example.cause)
    if code in _ADVICE:
        return _ADVICE[code]
    return _ADVICE["TA102"] if statement.kind in ("for", "while") else _ADVICE["TA101"]


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LIMIT else line[: _LIMIT - 1] + "…"
