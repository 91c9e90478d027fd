"""Cuts a TorchScript compile error down to what an author can act on: place, statement, reason, shortest edit."""

from __future__ import annotations

import linecache
import re
from dataclasses import dataclass
from pathlib import Path

from torchassay.base.child import is_user_file
from torchassay.capture.artifact import CaptureFailure

_PLACE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
_MARK = re.compile(r"^[ \t]*~+[^\n]*<--- HERE", re.MULTILINE)
_CALLED = re.compile(r"'(?P<callee>[\w.]+)' is being compiled since it was called from '(?P<caller>[\w.]+)'")


@dataclass(frozen=True, slots=True)
class Cause:
    """One known reason: the pattern of PyTorch's text, what it means, and the edit that helps."""

    pattern: re.Pattern[str]
    reason: str
    help: str


def _cause(pattern: str, reason: str, advice: str) -> Cause:
    return Cause(re.compile(pattern, re.DOTALL), reason, advice)


CAUSES: tuple[Cause, ...] = (
    _cause(
        r"Try(?:Star)? aren't supported|try blocks aren't supported",
        "TorchScript has no `try` statement",
        "test the condition that raises with an `if` before the statement",
    ),
    _cause(
        r"Lambda aren't supported|lambda expression",
        "TorchScript has no `lambda`",
        "move it to a named function with annotated parameters",
    ),
    _cause(r"Match aren't supported", "TorchScript has no `match` statement", "write it as `if` / `elif`"),
    _cause(r"GeneratorExp aren't supported", "TorchScript has no generator expression", "write it as a `for` loop"),
    _cause(
        r"Comprehension ifs are not supported|comprehension ifs",
        "TorchScript has no filter in a comprehension",
        "append inside a `for` loop with an `if`",
    ),
    _cause(r"SetComp aren't supported|Set aren't supported", "TorchScript has no sets", "use a list or a dict"),
    _cause(r"DictComp aren't supported", "TorchScript cannot compile this dict comprehension", "fill the dict in a `for` loop"),
    _cause(r"Yield(?:From)? aren't supported|yield", "TorchScript has no generators", "return a list instead"),
    _cause(r"NamedExpr aren't supported", "TorchScript has no `:=`", "assign on a line of its own"),
    _cause(
        r"Global variables aren't supported|global variables aren't supported|Nonlocal",
        "TorchScript has no `global` statement",
        "keep the value in an attribute of the module",
    ),
    _cause(r"Import(?:From)? aren't supported", "TorchScript has no `import` inside a function", "import at the top of the file"),
    _cause(
        r"FunctionDef aren't supported|function definitions aren't supported",
        "TorchScript has no nested functions",
        "make it a method or a function of the module file",
    ),
    _cause(
        r"else branches of (?:for|while) loops", "TorchScript has no `else` on loops", "keep a flag, and test it after the loop"
    ),
    _cause(
        r"Compiled functions can't take variable number of arguments",
        "TorchScript has no `*args` or `**kwargs`",
        "name each parameter",
    ),
    _cause(
        r"keyword-arg expansion is not supported|Starred|can't use starred",
        "TorchScript cannot expand `*` or `**` here",
        "pass the arguments one by one",
    ),
    _cause(
        r"Expected integer literal for index|Unable to extract string literal index|"
        r"Cannot index into a (?:Module|Sequential)|__getitem__.*ModuleList",
        "TorchScript indexes a module container by a literal only",
        "loop over the container with `enumerate` and compare the index",
    ),
    _cause(
        r"Expected type hint for result of tolist", "`tolist()` needs to know its type", "write `values: List[int] = x.tolist()`"
    ),
    _cause(
        r"Module '(?P<module>[^']+)' has no attribute '(?P<name>[^']+)'",
        "TorchScript has no type for attribute `{name}`",
        "annotate it in the class (`{name}: float`), make it a buffer, or use a plain number, text or list",
    ),
    _cause(
        r"'(?P<kind>[^']*)' object has no attribute or method '(?P<name>\w+)'",
        "TorchScript's `{kind}` has no `{name}`",
        "annotate the value if it is no {kind}; else use an operator that TorchScript knows",
    ),
    _cause(
        r"undefined value (?P<name>\S+?):",
        "`{name}` has no value on every path to this line",
        "give `{name}` a value before the branch, or make it known to TorchScript",
    ),
    _cause(
        r"python value of type '(?P<kind>[^']+)' cannot be used as a value",
        "a Python `{kind}` cannot be used in TorchScript",
        "store the number, text or list that is needed as an attribute of the module",
    ),
    _cause(
        r"Python (?:builtin|type|function)? ?<(?P<name>[^>]+)> is currently not supported|"
        r"Python builtin <built-in (?:function|method) (?P<name2>\w+)",
        "Python's `{name}` does not exist in TorchScript",
        "use the torch or math function that does the same",
    ),
    _cause(
        r"Unknown type name '(?P<name>[^']+)'",
        "TorchScript does not know the type `{name}`",
        "annotate with Tensor, int, float, bool, str, List, Tuple, Dict or Optional",
    ),
    _cause(
        r"Optional\[.*\] but instead|found type '(?:Optional|NoneType)|Optional type",
        "a value may be None here",
        "test `is None` on a local variable first",
    ),
    _cause(
        r"is set to type (?P<one>\S+) in the true branch and type (?P<two>\S+) in the false branch|"
        r"Type mismatch: (?P<name>\w+)",
        "a variable has two types",
        "give it one type on both branches",
    ),
    _cause(
        r"Previous return statement returned a value of type|return statement.*type",
        "the return statements give values of different types",
        "return one type on every path",
    ),
    _cause(
        r"is not defined in the (?:true|false) branch", "a variable is set on one branch only", "give it a value before the `if`"
    ),
    _cause(
        r"Expected a value of type '(?P<want>[^']+)' for argument '(?P<name>[^']+)'.*?"
        r"found type '(?P<got>[^']+)'",
        "`{name}` should be a `{want}` and is a `{got}`",
        "annotate the parameter or the variable: an unannotated one is taken for a Tensor",
    ),
    _cause(
        r"Return value was annotated as having type (?P<want>\S+) but is actually of type (?P<got>\S+)",
        "the result is a `{got}` and the annotation says `{want}`",
        "correct the return annotation",
    ),
    _cause(r"[Rr]ecursive", "TorchScript has no recursion", "write it as a loop"),
    _cause(
        r"Could not export Python function call '(?P<name>[^']+)'",
        "`{name}` is Python and cannot be saved",
        "remove the call, or `@torch.jit.ignore`, from what is exported",
    ),
    _cause(r"Can't get source for|could not get source", "the source text cannot be read", "define the class in a file"),
    _cause(
        r"Only tensors, lists, tuples|aren't supported",
        "TorchScript does not have this syntax",
        "write it with simpler statements",
    ),
)


def explain(error: BaseException | str) -> CaptureFailure:
    """The failure that a compile error stands for."""
    text = str(error)
    file, line = _place(text)
    reason, advice = _reason(text)
    called = _CALLED.search(text)
    return CaptureFailure(
        kind="compile",
        message=reason,
        file=file,
        line=line,
        statement=_statement(file, line) or _marked(text),
        help=advice,
        function=called["callee"].rpartition(".")[2] if called else None,
        details=text[:4000],
    )


def _place(text: str) -> tuple[str | None, int | None]:
    places = [(match["file"], int(match["line"])) for match in _PLACE.finditer(text)]
    for file, line in places:
        if is_user_file(file) and Path(file).exists():
            return file, line
    return places[0] if places else (None, None)


def _statement(file: str | None, line: int | None) -> str | None:
    return linecache.getline(file, line).strip() or None if file and line else None


def _marked(text: str) -> str | None:
    mark = _MARK.search(text)
    return text[: mark.start()].rstrip().rpartition("\n")[2].strip() if mark else None


def _reason(text: str) -> tuple[str, str]:
    for cause in CAUSES:
        match = cause.pattern.search(text)
        if match is not None:
            names = {key.rstrip("2"): value for key, value in match.groupdict().items() if value is not None}
            return _fill(cause.reason, names), _fill(cause.help, names)
    return _first_sentence(text), "write the statement in a form that TorchScript compiles"


def _fill(template: str, names: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: names.get(match[1], "value"), template)


def _first_sentence(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    first = next((line for line in lines if not line.startswith(("Arguments for", "File "))), "unknown reason")
    return re.sub(r"\b(?:c10|at|torch)::(?:\w+::)*", "", first).rstrip(":. ")[:200]
