"""Whether copies of a model answer as the model does: everything that follows runs on copies.

`copy.deepcopy` calls what a class defines for pickling, and a class that nobody pickles may define it wrongly.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from torchassay.base.child import run_child
from torchassay.explore.agree import compare, outcome
from torchassay.explore.chance import seed_all
from torchassay.inputs.call import Call
from torchassay.loading.copying import may_differ
from torchassay.loading.subject import Subject


def with_true_copies(subject: Subject, example: Call, *, timeout: float) -> Subject:
    """The subject, building fresh models again if copies of it answer the example otherwise and new ones do not."""
    if subject.build is None or subject.scripted or not may_differ(subject.model) or _is_true(subject, example, timeout):
        return subject
    again = replace(subject, rebuilds=True)
    return again if _is_true(again, example, timeout) else subject


def _is_true(subject: Subject, example: Call, timeout: float) -> bool:
    """Asked in a child, which may use the model up; true where that cannot be told."""
    result = run_child(partial(_answers_alike, subject, example), timeout=timeout)
    return result.value is not False


def _answers_alike(subject: Subject, example: Call) -> bool:
    fresh = subject.fresh()
    return compare(_answer(subject.own(), example), _answer(fresh, example)) is None


def _answer(subject: Subject, example: Call) -> object:
    seed_all(0)
    return outcome(lambda: subject.call(example.clone()))
