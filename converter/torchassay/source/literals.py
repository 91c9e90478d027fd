"""Numbers and strings that a model's source and objects mention: the values at which its conditions are likely to turn."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import FunctionType

from torchassay.source.index import SourceFile, source_file

_DEPTH = 4
_ITEMS = 256


@dataclass(frozen=True, slots=True)
class Literals:
    """Distinct literals, those that stand in a comparison first. `keys` are strings that index something or select an attribute."""

    numbers: tuple[int | float, ...]
    strings: tuple[str, ...]

    def merged(self, other: Literals) -> Literals:
        """Returns both, without repeats, this one's first."""
        return Literals(
            tuple(dict.fromkeys((*self.numbers, *other.numbers))), tuple(dict.fromkeys((*self.strings, *other.strings)))
        )


def literals_in_file(path: str, lines: frozenset[int] | None = None) -> Literals:
    """Returns the literals of a file; with `lines`, only of the functions that ran some of those lines, and of module level."""
    source = source_file(path)
    if source is None:
        return Literals((), ())
    ranked = sorted(_constants(source, lines), key=lambda item: (item[0], item[1]))
    values = [value for _, _, value in ranked]
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    return Literals(tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(v for v in values if isinstance(v, str))))


def _constants(source: SourceFile, lines: frozenset[int] | None) -> Iterable[tuple[int, int, object]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and not _is_docstring(source, node) and _is_wanted(source, node, lines):
            yield (0 if _decides(source, node) else 1, node.lineno, _signed(source, node))


def _signed(source: SourceFile, node: ast.Constant) -> object:
    link = source.parent(node)
    negative = link is not None and isinstance(link[0], ast.UnaryOp) and isinstance(link[0].op, ast.USub)
    number = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    return -node.value if negative and number else node.value  # type: ignore[operator]


def _decides(source: SourceFile, node: ast.AST) -> bool:
    child: ast.AST = node
    while (link := source.parent(child)) is not None and isinstance(child, ast.expr):
        if isinstance(link[0], (ast.Compare, ast.match_case, ast.MatchValue)) or link[1] == "test":
            return True
        child = link[0]
    return False


def _is_docstring(source: SourceFile, node: ast.AST) -> bool:
    link = source.parent(node)
    return link is not None and isinstance(link[0], ast.Expr)


def _is_wanted(source: SourceFile, node: ast.AST, lines: frozenset[int] | None) -> bool:
    if lines is None:
        return True
    child: ast.AST = node
    while (link := source.parent(child)) is not None:
        child = link[0]
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return bool(lines.intersection(range(child.lineno, (child.end_lineno or child.lineno) + 1)))
    return True


def literals_in_objects(roots: Iterable[object]) -> Literals:
    """Returns numbers and strings held by objects: attributes, class attributes, defaults, closures, containers, to a small depth."""
    numbers: dict[int | float, None] = {}
    strings: dict[str, None] = {}
    seen: set[int] = set()
    pending = [(root, 0) for root in roots]
    while pending:
        value, depth = pending.pop(0)
        if isinstance(value, bool) or id(value) in seen:
            continue
        if isinstance(value, (int, float)):
            numbers.setdefault(value)
        elif isinstance(value, str):
            strings.setdefault(value)
        elif depth < _DEPTH:
            seen.add(id(value))
            pending.extend((child, depth + 1) for child in _parts(value))
    return Literals(tuple(numbers), tuple(strings))


def _parts(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return [part for pair in list(value.items())[:_ITEMS] for part in pair]
    if isinstance(value, (list, tuple, set, frozenset, range)):
        return list(value)[:_ITEMS]
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or () if _filled(cell)]
        return [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values(), *cells]
    if isinstance(value, type):
        own = vars(value).items()
        return [part for name, part in own if not name.startswith("__")]
    state = getattr(value, "__dict__", None)
    return [*state.values(), type(value)] if isinstance(state, dict) and _is_plain(value) else []


def _is_plain(value: object) -> bool:
    return not type(value).__module__.startswith(("torch", "numpy", "builtins"))


def _filled(cell: object) -> bool:
    try:
        cell.cell_contents  # type: ignore[attr-defined]  # noqa: B018
    except ValueError:
        return False
    return True
