"""Finds where a model uses an argument that is no tensor: a trace freezes such an argument without any leak."""

from __future__ import annotations

import ast
import inspect
import textwrap

from torchassay.inputs.call import Call
from torchassay.loading.subject import Subject
from torchassay.sense.difference import Difference
from torchassay.source.locate import statement_at


def use_of_argument(subject: Subject, example: Call, other: Call) -> Difference | None:
    """The first statement that reads a plain argument in which two calls differ; None where there is none."""
    ours, theirs = (subject.parameters.by_name(call) for call in (example, other))
    for name in theirs:
        if _is_plain(theirs[name]) and (type(ours.get(name)), ours.get(name)) != (type(theirs[name]), theirs[name]):
            found = _first_use(subject, name)
            if found is not None:
                file, line = found
                statement = statement_at(file, None, line=line, function=subject.method)
                return Difference(statement, "argument", repr(ours.get(name)), repr(theirs[name]), subject=name)
    return None


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _first_use(subject: Subject, name: str) -> tuple[str, int] | None:
    """File and line of the first load of a parameter in the method's source."""
    method = inspect.unwrap(getattr(type(subject.model), subject.method))
    try:
        lines, start = inspect.getsourcelines(method)
        file = inspect.getfile(method)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return None
    uses = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    return (file, start + min(uses) - 1) if uses else None
